// The keys of a JWK Set document that the application gives as it is. RFC 7517 §5

import { isObject } from '../lib/options.js';
import { algorithms } from './algorithm.js';
import { hasPrivateParameters, isJwk, memberThatForbids, type Jwk } from './jwk.js';
import { importJwk, importVerificationKey, type ImportedKey } from './keys.js';

/**
 * A parsed JWK Set document. Keys that cannot be used are ignored: keys to encrypt with, of an unknown kind or algorithm, too
 * weak. A key without `alg` is for the first algorithm that fits it, RS256 for an RSA key. A secret (`kty` is `oct`) needs an
 * `alg`. A key without `kid` verifies tokens that have none.
 *
 * @see RFC 7517 §5
 */
export interface JwkSet {
  readonly keys: readonly Jwk[];
}

/** Whether a value looks like a JWK Set. Does not check the keys in it. */
export function isJwkSet(value: unknown): value is JwkSet {
  return isObject(value) && Array.isArray(value['keys']);
}

/**
 * Imports the keys of a JWK Set that can be used. A key that is in the set twice counts once.
 *
 * @throws TypeError a private key is in it, a secret cannot be used, or no key can be used.
 */
export function importJwkSet(option: string, { keys }: JwkSet): readonly ImportedKey[] {
  const usable = keys.flatMap((jwk: unknown, index) =>
    importMember(`${option}.keys[${index}]`, jwk),
  );
  if (usable.length === 0) {
    throw new TypeError(
      `${option} is a JWK Set in which no key can be used: give one with a key to verify with, of a supported algorithm`,
    );
  }
  return usable.filter(
    (key, index) =>
      !usable
        .slice(0, index)
        .some(
          ({ kid, verificationKey }) =>
            kid === key.kid && verificationKey.equals(key.verificationKey),
        ),
  );
}

function importMember(place: string, jwk: unknown): readonly ImportedKey[] {
  if (!isJwk(jwk) || memberThatForbids(jwk, 'verify') !== undefined) return [];
  if (jwk.kty === 'oct') return [importVerificationKey(place, { secret: jwk }, true)];
  if (hasPrivateParameters(jwk)) {
    throw new TypeError(
      `${place} is a private key, which a verifier must not have: publish and give the public key only`,
    );
  }
  const key = importJwk(jwk, algorithms);
  return key === undefined ? [] : [key];
}
