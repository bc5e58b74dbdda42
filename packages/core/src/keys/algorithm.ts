// Signature algorithms, and the key that each of them needs. RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2

import type { KeyObject } from 'node:crypto';

export const algorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

/**
 * Signature algorithms of RFC 7518 §3.1, RFC 8037 §3.1 and RFC 9864 §2.2, without `none`. `EdDSA` and `Ed25519` are two
 * names of one algorithm: a key is for one of the names, and its tokens carry that name.
 */
export type Algorithm = (typeof algorithms)[number];

/** Minimum bytes of a shared secret: as many as the hash has. `undefined` for asymmetric algorithms. RFC 7518 §3.2 */
export function secretLength(algorithm: Algorithm): number | undefined {
  return algorithm.startsWith('HS') ? Number(algorithm.slice(2)) / 8 : undefined;
}

/** The hash of an algorithm; `null` for Ed25519, which includes its hash. RFC 7518 §3.1, RFC 8037 §3.1 */
export function hashOf(algorithm: Algorithm): string | null {
  return isEd25519(algorithm) ? null : `sha${algorithm.slice(2)}`;
}

export function isEd25519(algorithm: Algorithm): algorithm is 'EdDSA' | 'Ed25519' {
  return algorithm === 'EdDSA' || algorithm === 'Ed25519';
}

const curves: Readonly<Partial<Record<Algorithm, string>>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
};

/** Why a public key does not have the type, the size or the curve that the algorithm needs. RFC 7518 §3.3 to §3.5 */
export function validateKeyForAlgorithm(algorithm: Algorithm, key: KeyObject): string | undefined {
  if (secretLength(algorithm) !== undefined) return `${algorithm} needs a secret`;
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  if (isEd25519(algorithm)) {
    // RFC 8037 allows Ed448 for EdDSA too. Few libraries verify it, so here EdDSA means one curve.
    return type === 'ed25519' ? undefined : `${algorithm} needs an Ed25519 key`;
  }
  const curve = curves[algorithm];
  if (curve !== undefined) {
    const isOnCurve = type === 'ec' && details.namedCurve === curve;
    return isOnCurve ? undefined : `${algorithm} needs an EC key on the curve ${curve}`;
  }
  // PS algorithms do not accept an `rsa-pss` key either: it has no JWK, so it could not be published.
  if (type !== 'rsa') return `${algorithm} needs a key of type rsa`;
  if ((details.modulusLength ?? 0) < 2_048) return 'an RSA key must have at least 2048 bits';
  // With the exponent 1 every text is its own signature.
  if ((details.publicExponent ?? 0n) < 3n) return 'an RSA key must have an exponent above 1';
  return undefined;
}
