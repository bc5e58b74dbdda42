// On the login and refresh journeys: refresh key options to mac and ratchet keys.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

import { importSecret, type SecretMaterial } from '../key-material.js';
import { checkOptions, refuseOption } from '../options.js';

/** A key that seals refresh tokens. A fresh one may replace it at any time: nobody is signed out. */
export interface RefreshKeyOptions {
  /**
   * A whole number from 1 to 15, as text. Every refresh token names it in four bits, of which it carries the
   * complement too. Use an id again only when the sessions of its former key are over.
   */
  readonly kid: string;
  /** At least 32 bytes. */
  readonly secret: SecretMaterial;
}

/** The two keys that are derived from one refresh key. */
export interface RefreshKey {
  readonly id: number;
  /** Makes the tag that says "we sealed this". */
  readonly mac: KeyObject;
  /** Derives the secret of a successor from that of its predecessor. */
  readonly ratchet: KeyObject;
}

/** The refresh keys of an issuer, by id. */
export interface RefreshKeyRing {
  /** Seals whatever is made from now on. */
  readonly active: RefreshKey;
  readonly byId: ReadonlyMap<number, RefreshKey>;
}

/** Imports refresh keys. The first seals; the rest still open. */
export function importRefreshKeys(refreshKeys: unknown): RefreshKeyRing {
  const given: unknown[] = Array.isArray(refreshKeys) ? refreshKeys : [];
  const keys = given.map((options, index) => importRefreshKey(`refreshKeys[${index}]`, options));
  const [active] = keys;
  if (active === undefined) {
    return refuseOption('refreshKeys', 'a non-empty array of keys');
  }
  const byId = new Map(keys.map((key) => [key.id, key]));
  if (byId.size < keys.length) throw new TypeError('refreshKeys: two keys have the same kid');
  return { active, byId };
}

function importRefreshKey(option: string, options: unknown): RefreshKey {
  const { kid, secret: material } = checkOptions(option, options, ['kid', 'secret']);
  if (typeof kid !== 'string' || !/^(?:[1-9]|1[0-5])$/.test(kid)) {
    // Not what came instead: it may be the secret, one line too high.
    return refuseOption(`${option}.kid`, `a whole number from '1' to '15' as text`);
  }
  const secret = importSecret(`${option}.secret`, material, 32);
  return {
    id: Number(kid),
    mac: deriveKey(secret, 'tokenpair/refresh/mac/v1'),
    ratchet: deriveKey(secret, 'tokenpair/refresh/ratchet/v1'),
  };
}

// RFC 5869. Distinct labels, so that no output under one key says anything of the other.
function deriveKey(secret: KeyObject, label: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', label, 32)));
}
