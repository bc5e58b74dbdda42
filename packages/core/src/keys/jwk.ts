// Reads public keys that other issuers publish, and writes our own. RFC 7517, RFC 8037 §2

import { createPublicKey, type KeyObject } from 'node:crypto';

import { validateKeyForAlgorithm, type Algorithm } from './algorithm.js';
import { hasPrivateParameters, isJwk, memberThatForbids, type Jwk } from './jwk-members.js';
import type { ImportedKey } from './keys.js';

/**
 * Imports one key of a published key set. Never throws.
 *
 * @param allowed - algorithms that may be used. A key without `alg` is for the first of them that fits it.
 * @returns `undefined` if the key cannot be used: it has no `kid`, is for another use, is for an algorithm that is not
 * allowed, is weak, is unreadable, or has private parameters.
 * @see RFC 7517 §5
 */
export function importJwk(jwk: unknown, allowed: readonly Algorithm[]): ImportedKey | undefined {
  if (!isJwk(jwk) || hasPrivateParameters(jwk)) return undefined;
  if (memberThatForbids(jwk, 'verify') !== undefined) return undefined;
  const { kid, alg } = jwk;
  if (typeof kid !== 'string' || kid === '' || kid.length > 256) return undefined;
  const verificationKey = readJwk(jwk);
  if (verificationKey === undefined) return undefined;
  const algorithm = allowed.find(
    (name) =>
      (alg === undefined || alg === name) &&
      validateKeyForAlgorithm(name, verificationKey) === undefined,
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

/** Writes a public key for our own key set. RFC 7517 §4 */
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
