// Leaf of every journey: public keys as others publish them, and as we do. RFC 7517, RFC 8037 §2

import { createPublicKey, type KeyObject } from 'node:crypto';

import { misfit, type Algorithm } from './algorithm.js';
import { isForOwner, isJwk, memberAgainst, type Jwk } from './jwk-members.js';
import type { ImportedKey } from './keys.js';

/**
 * Imports one member of a key set that somebody else publishes; never throws.
 *
 * @param allowed - algorithms that may be used; of a key that names none, the first that fits is meant.
 * @returns `undefined` when the member is not for us: without a `kid`, of another use, for an algorithm that is not
 * allowed, weak, unreadable, or with a part that should never have been published.
 * @see RFC 7517 §5
 */
export function importJwk(jwk: unknown, allowed: readonly Algorithm[]): ImportedKey | undefined {
  if (!isJwk(jwk) || isForOwner(jwk) || memberAgainst(jwk, 'verify') !== undefined)
    return undefined;
  const { kid, alg } = jwk;
  if (typeof kid !== 'string' || kid === '' || kid.length > 256) return undefined;
  const verificationKey = readJwk(jwk);
  if (verificationKey === undefined) return undefined;
  const algorithm = allowed.find(
    (one) => (alg === undefined || alg === one) && misfit(one, verificationKey) === undefined,
  );
  if (algorithm === undefined) return undefined;
  return {
    kid,
    algorithm,
    verificationKey,
    signingKey: undefined,
    state: undefined,
    since: undefined,
  };
}

/** A public key as we publish it. RFC 7517 §4 */
export function toPublicJwk({ kid, algorithm, verificationKey }: ImportedKey): Jwk {
  return { ...verificationKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
}

function readJwk(jwk: Readonly<Record<string, unknown>>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}
