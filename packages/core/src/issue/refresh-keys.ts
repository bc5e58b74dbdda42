// On the login and refresh journeys: refresh key options to mac and ratchet keys.

import { hkdfSync, type KeyObject } from 'node:crypto';

import { createHmacSha256, sha256Text, type Hmac } from '../digest.js';
import { importSecret, type SecretMaterial } from '../key-material.js';
import {
  datedFrom,
  keyStateOptionNames,
  readKeyState,
  settleKeyStates,
  type KeyStanding,
  type KeyStateOptions,
} from '../key-state.js';
import { checkOptions, refuseOption } from '../options.js';

/** A key that seals refresh tokens. A fresh one may replace it at any time: nobody is signed out. */
export interface RefreshKeyOptions extends KeyStateOptions {
  /**
   * A whole number from 1 to 15, as text. Every refresh token names it in four bits, of which it carries the
   * complement too. Use an id again only when the sessions of its former key are over.
   */
  readonly kid: string;
  /** At least 32 bytes. */
  readonly secret: SecretMaterial;
}

/** The two keys that are derived from one refresh key. */
export interface RefreshKey extends KeyStanding {
  readonly id: number;
  /**
   * Make the tag that says "this issuer sealed this": one key per audience of the issuer, in their order. The first seals,
   * all of them open, so a token opens wherever issuer, refresh key and one audience are the same.
   */
  readonly macs: readonly [Hmac, ...Hmac[]];
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
  replace(keys: RefreshKeys): void;
}

export function createRefreshKeyRing(keys: RefreshKeys): RefreshKeyRing {
  let current = keys;
  return {
    get active() {
      return current.active;
    },
    get byId() {
      return current.byId;
    },
    replace(others) {
      current = others;
    },
  };
}

/** Whose tokens the keys are for. */
export interface RefreshKeyNames {
  readonly issuer: string;
  readonly audience: readonly string[];
}

/**
 * Imports refresh keys. The current one seals: the first, where no states are given. The rest open.
 *
 * @param now - milliseconds; since when a key is in its state, unless it says so or was so among the keys `before`.
 */
export function importRefreshKeys(
  refreshKeys: unknown,
  names: RefreshKeyNames,
  now: number,
  before?: RefreshKeys,
): RefreshKeys {
  const given: unknown[] = Array.isArray(refreshKeys) ? refreshKeys : [];
  if (given.length === 0) return refuseOption('refreshKeys', 'a non-empty array of keys');
  const imported = given.map((key, index) => importRefreshKey(`refreshKeys[${index}]`, key, names));
  const settled = settleKeyStates('refreshKeys', imported);
  const keys = datedFrom(now, settled, ({ id }) => before?.byId.get(id));
  const byId = new Map(keys.map((key) => [key.id, key]));
  if (byId.size < keys.length) throw new TypeError('refreshKeys: two keys have the same kid');
  const active = keys.find(({ state }) => state === 'current');
  if (active === undefined) throw new TypeError('refreshKeys: one key must be current');
  return { active, byId };
}

function importRefreshKey(
  option: string,
  options: unknown,
  { issuer, audience }: RefreshKeyNames,
): RefreshKey {
  const key = checkOptions(option, options, ['kid', 'secret', ...keyStateOptionNames]);
  const { kid, secret: material } = key;
  if (typeof kid !== 'string' || !/^(?:[1-9]|1[0-5])$/.test(kid)) {
    // Not what came instead: it may be the secret, one line too high.
    return refuseOption(`${option}.kid`, `a whole number from '1' to '15' as text`);
  }
  const secret = importSecret(`${option}.secret`, material, 32);
  return {
    id: Number(kid),
    macs: audience.map((one) => deriveKey(secret, 'mac', issuer, one)) as [Hmac, ...Hmac[]],
    ratchet: deriveKey(secret, 'ratchet', issuer),
    ...readKeyState(option, key),
  };
}

// RFC 5869. Distinct labels, so that no output under one key says anything about another: not between the two uses of a
// secret, and not between issuers to which one secret was given. Names are hashed since `info` is limited to 1 024 bytes.
function deriveKey(secret: KeyObject, use: 'mac' | 'ratchet', ...names: readonly string[]): Hmac {
  const label = [`tokenpair/refresh/${use}/v1`, ...names.map((name) => sha256Text(name))].join(' ');
  return createHmacSha256(new Uint8Array(hkdfSync('sha256', secret, '', label, 32)));
}
