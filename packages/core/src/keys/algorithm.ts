// Leaf of every journey: the signature algorithms, and the key that each of them needs. RFC 7518 §3.1, RFC 8037, RFC 9864

import type { KeyObject } from 'node:crypto';

/**
 * Signature algorithms of RFC 7518 §3.1, RFC 8037 §3.1 and RFC 9864 §2.2. `none` is not among them, so it cannot be
 * written. `EdDSA` and `Ed25519` are two words for one thing: a key is for one of them, and its tokens bear that word.
 */
export type Algorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519';

export const algorithms: readonly Algorithm[] = [
  ...(['HS', 'RS', 'PS', 'ES'] as const).flatMap((family) =>
    (['256', '384', '512'] as const).map((bits) => `${family}${bits}` as const),
  ),
  'EdDSA',
  'Ed25519',
];

/** Bytes that a shared secret must have: as many as the hash. `undefined` for keys that come in pairs. RFC 7518 §3.2 */
export function secretLength(algorithm: Algorithm): number | undefined {
  return algorithm.startsWith('HS') ? Number(algorithm.slice(2)) / 8 : undefined;
}

/** The hash that a pair of keys signs with; `null` for Ed25519, which has its own. RFC 7518 §3.1, RFC 8037 §3.1 */
export function hashOf(algorithm: Algorithm): string | null {
  return algorithm === 'EdDSA' || algorithm === 'Ed25519' ? null : `sha${algorithm.slice(2)}`;
}

const curves: Readonly<Partial<Record<Algorithm, string>>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
};

/** What a public key lacks to be of the kind, the size and the curve that the algorithm names. RFC 7518 §3.3 to §3.5 */
export function misfit(algorithm: Algorithm, key: KeyObject): string | undefined {
  if (secretLength(algorithm) !== undefined) return `${algorithm} needs a secret`;
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') {
    // Not Ed448, which RFC 8037 calls EdDSA too: few verify it, and one word then stands for one curve.
    return type === 'ed25519' ? undefined : `${algorithm} needs an Ed25519 key`;
  }
  const curve = curves[algorithm];
  if (curve !== undefined) {
    const isOnCurve = type === 'ec' && details.namedCurve === curve;
    return isOnCurve ? undefined : `${algorithm} needs an EC key on the curve ${curve}`;
  }
  // Not `rsa-pss`, for PS algorithms neither: such a key cannot be written as a JWK, so nobody else could verify.
  if (type !== 'rsa') return `${algorithm} needs a key of type rsa`;
  if ((details.modulusLength ?? 0) < 2_048) return 'an RSA key must have at least 2048 bits';
  // With the exponent 1 every text signs itself.
  return (details.publicExponent ?? 0n) < 3n
    ? 'an RSA key must have an exponent above 1'
    : undefined;
}
