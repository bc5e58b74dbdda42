// The keys of refresh tokens: how they are checked, derived and replaced. RFC 5869

import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject } from 'node:crypto';

import { importSecret, type SecretMaterial } from '../keys/key-material.js';
import type { KeySet } from '../keys/keys.js';
import {
  keyStateOptionNames,
  readKeyState,
  settleKeyStates,
  type DatedKeyState,
  type KeyStateOptions,
} from '../keys/key-state.js';
import { checkOptions, refuseOption } from '../lib/options.js';

/** A key that seals refresh tokens. A new one may replace it at any time: no user is signed out. */
export interface RefreshKeyOptions extends KeyStateOptions {
  /**
   * A whole number from 1 to 15, as text. Use an ID again only when all sessions under its former key have ended: the
   * refresh tokens of a live one cannot be opened with another secret, and its user would be signed out.
   * `replaceRefreshKeys` refuses that.
   */
  readonly kid: string;
  /** At least 32 bytes; not a secret of `keys`. */
  readonly secret: SecretMaterial;
}

/** The two keys that are derived from one refresh key. */
export interface RefreshKey extends DatedKeyState {
  readonly id: number;
  /** Key of the tag, which shows that this issuer sealed the token. */
  readonly mac: KeyObject;
  /** Key that derives the secret of a successor from that of its predecessor. */
  readonly ratchet: KeyObject;
}

/** The refresh keys of an issuer, by id. */
export interface RefreshKeys {
  /** Seals every new refresh token. */
  readonly active: RefreshKey;
  readonly byId: ReadonlyMap<number, RefreshKey>;
}

/** Refresh keys that can be replaced while they are in use. */
export interface RefreshKeyRing extends RefreshKeys {
  /**
   * @param now - milliseconds
   * @throws TypeError an ID comes with another secret than it has, or had when it left the ring, and sessions under that
   * secret may still be live. Then no key is replaced.
   */
  replace(keys: RefreshKeys, now: number): void;
}

/** A key that is no longer in the ring. */
interface FormerKey {
  readonly fingerprint: string;
  /** When its last session has ended, in milliseconds. */
  readonly until: number;
}

/** @param sessionSpan - milliseconds from the last use of a key to the end of the last session under it. */
export function createRefreshKeyRing(keys: RefreshKeys, sessionSpan: number): RefreshKeyRing {
  let current = keys;
  // At most fifteen, one for each ID.
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
      `refreshKeys: the kid '${id}' has another secret in this process, and sessions under it may be live. ` +
        'Give the new secret a kid that is not in use, a whole number from 1 to 15.',
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

/**
 * Requires that no secret signs access tokens and seals refresh tokens: who verifies access tokens with it could make refresh tokens.
 *
 * @throws TypeError naming the two keys, not their secret.
 */
export function requireOtherSecrets(
  { byKid }: KeySet,
  { byId }: RefreshKeys,
  issuer: string,
): void {
  for (const { kid, verificationKey } of byKid.values()) {
    if (verificationKey.type !== 'secret') continue;
    const mac = deriveKey(verificationKey, 'mac', issuer);
    const same = [...byId.values()].find((key) => key.mac.equals(mac));
    if (same === undefined) continue;
    throw new TypeError(
      `refreshKeys: the key '${same.id}' has the secret of the key '${kid}' in keys. Who verifies access tokens with it could make ` +
        'refresh tokens. Give each its own secret, randomBytes(32) for example.',
    );
  }
}

// Tells two secrets apart without keeping the former one.
function fingerprint(mac: KeyObject): string {
  return createHmac('sha256', mac).update('tokenpair/refresh/fingerprint/v1').digest('base64url');
}

/**
 * Imports refresh keys. The current one seals: the first, when no states are given. The others only open.
 *
 * @param issuer - the issuer that uses the keys.
 * @param now - milliseconds: when a key enters its state, unless it has `since` or was in that state among the keys `before`.
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
  const { keys, current } = settleKeyStates('refreshKeys', imported, now, ({ id }) =>
    before?.byId.get(id),
  );
  const byId = new Map(keys.map((key) => [key.id, key]));
  if (byId.size < keys.length) throw new TypeError('refreshKeys: two keys have the same kid');
  return { active: current, byId };
}

function importRefreshKey(option: string, options: unknown, issuer: string): RefreshKey {
  const key = checkOptions(option, options, ['kid', 'secret', ...keyStateOptionNames]);
  const { kid, secret: material } = key;
  if (typeof kid !== 'string' || !/^(?:[1-9]|1[0-5])$/.test(kid)) {
    // Without the value: it may be the secret, pasted one line too high.
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

// RFC 5869. The label differs by use and issuer, so that the derived keys are independent, also when two issuers were given
// the same secret. The issuer is hashed because `info` is limited to 1 024 bytes.
function deriveKey(secret: KeyObject, use: 'mac' | 'ratchet', issuer: string): KeyObject {
  const label = `tokenpair/refresh/${use}/v1 ${hash('sha256', issuer, 'base64url')}`;
  return createSecretKey(new Uint8Array(hkdfSync('sha256', secret, '', label, 32)));
}
