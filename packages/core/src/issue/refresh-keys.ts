// On the login and refresh journeys: refresh key options to mac and ratchet keys.

import { hkdfSync, type KeyObject } from 'node:crypto';

import { createHmacSha256, sha256Text, type Hmac } from '../lib/digest.js';
import { importSecret, type SecretMaterial } from '../keys/key-material.js';
import {
  assignSince,
  keyStateOptionNames,
  readKeyState,
  assignKeyStates,
  type DatedKeyState,
  type KeyStateOptions,
} from '../keys/key-state.js';
import { checkOptions, refuseOption } from '../lib/options.js';

/** A key that seals refresh tokens. A fresh one may replace it at any time: nobody is signed out. */
export interface RefreshKeyOptions extends KeyStateOptions {
  /**
   * A whole number from 1 to 15, as text. Every refresh token names it in four bits, of which it carries the
   * complement too. Use an ID again only when the sessions of its former key are over: until then the refresh tokens of
   * those sessions do not open under the other secret, and their users are signed out. `replaceRefreshKeys` refuses it.
   */
  readonly kid: string;
  /** At least 32 bytes. */
  readonly secret: SecretMaterial;
}

/** The two keys that are derived from one refresh key. */
export interface RefreshKey extends DatedKeyState {
  readonly id: number;
  /** Makes the tag that says "this issuer sealed this". */
  readonly mac: Hmac;
  /** Derives the secret of a successor from that of its predecessor. */
  readonly ratchet: Hmac;
}

/** The refresh keys of an issuer, by id. */
export interface RefreshKeys {
  /** Seals whatever is made from now on. */
  readonly active: RefreshKey;
  readonly byId: ReadonlyMap<number, RefreshKey>;
}

/** Refresh keys that can be exchanged while they are in use. */
export interface RefreshKeyRing extends RefreshKeys {
  /**
   * @param now - milliseconds
   * @throws TypeError an ID comes with another secret than the one it has, or had when it left the ring and whose sessions
   * may still be alive. Then no key is replaced.
   */
  replace(keys: RefreshKeys, now: number): void;
}

/** A key that is no longer in the ring. */
interface FormerKey {
  readonly fingerprint: string;
  /** When its last session is over, in milliseconds. */
  readonly until: number;
}

/** @param sessionSpan - milliseconds from the last use of a key to the end of the last session under it. */
export function createRefreshKeyRing(keys: RefreshKeys, sessionSpan: number): RefreshKeyRing {
  let current = keys;
  // At most one for each of the fifteen IDs.
  const former = new Map<number, FormerKey>();

  function knownFingerprint(id: number, now: number): string | undefined {
    const present = current.byId.get(id);
    if (present !== undefined) return fingerprint(present.mac);
    const past = former.get(id);
    return past !== undefined && past.until > now ? past.fingerprint : undefined;
  }

  function requireKnownSecret({ id, mac }: RefreshKey, now: number): void {
    const known = knownFingerprint(id, now);
    if (known === undefined || known === fingerprint(mac)) return;
    throw new TypeError(
      `refreshKeys: the kid '${id}' has another secret here, and sessions under it may be alive. ` +
        'Give the new secret a kid that is not in use: a whole number from 1 to 15.',
    );
  }
  return {
    get active() {
      return current.active;
    },
    get byId() {
      return current.byId;
    },
    replace(others, now) {
      for (const key of others.byId.values()) requireKnownSecret(key, now);
      for (const [id, { mac, state, since = now }] of current.byId) {
        const lastUse = state === 'retiring' ? since : now;
        former.set(id, { fingerprint: fingerprint(mac), until: lastUse + sessionSpan });
      }
      current = others;
    },
  };
}

// Tells two secrets apart without keeping either.
function fingerprint(mac: Hmac): string {
  return mac(Buffer.from('tokenpair/refresh/fingerprint/v1')).toString('base64url');
}

/**
 * Imports refresh keys. The current one seals: the first, where no states are given. The rest open.
 *
 * @param issuer - whose tokens the keys are for.
 * @param now - milliseconds; since when a key is in its state, unless it says so or was so among the keys `before`.
 */
export function importRefreshKeys(
  refreshKeys: unknown,
  issuer: string,
  now: number,
  before?: RefreshKeys,
): RefreshKeys {
  const given: unknown[] = Array.isArray(refreshKeys) ? refreshKeys : [];
  if (given.length === 0) return refuseOption('refreshKeys', 'a non-empty array of keys');
  const imported = given.map((key, index) =>
    importRefreshKey(`refreshKeys[${index}]`, key, issuer),
  );
  const settled = assignKeyStates('refreshKeys', imported);
  const keys = assignSince(now, settled, ({ id }) => before?.byId.get(id));
  const byId = new Map(keys.map((key) => [key.id, key]));
  if (byId.size < keys.length) throw new TypeError('refreshKeys: two keys have the same kid');
  const active = keys.find(({ state }) => state === 'current');
  if (active === undefined) throw new TypeError('refreshKeys: one key must be current');
  return { active, byId };
}

function importRefreshKey(option: string, options: unknown, issuer: string): RefreshKey {
  const key = checkOptions(option, options, ['kid', 'secret', ...keyStateOptionNames]);
  const { kid, secret: material } = key;
  if (typeof kid !== 'string' || !/^(?:[1-9]|1[0-5])$/.test(kid)) {
    // Not what came instead: it may be the secret, one line too high.
    return refuseOption(`${option}.kid`, `a whole number from '1' to '15' as text`);
  }
  const secret = importSecret(`${option}.secret`, material, 32);
  return {
    id: Number(kid),
    mac: deriveKey(secret, 'mac', issuer),
    ratchet: deriveKey(secret, 'ratchet', issuer),
    ...readKeyState(option, key),
  };
}

// RFC 5869. Distinct labels, so that no output under one key says anything about another: not between the two uses of a
// secret, and not between issuers to which one secret was given. The name is hashed since `info` is limited to 1 024 bytes.
function deriveKey(secret: KeyObject, use: 'mac' | 'ratchet', issuer: string): Hmac {
  const label = `tokenpair/refresh/${use}/v1 ${sha256Text(issuer)}`;
  return createHmacSha256(new Uint8Array(hkdfSync('sha256', secret, '', label, 32)));
}
