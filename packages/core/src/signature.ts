// Where core meets jsonwebtoken: it makes and checks signatures, and nothing else. The rules are ours.

import jwt from 'jsonwebtoken';

import type { ImportedKey } from './keys.js';

/** Signs a JSON text as a compact JWS with `typ: at+jwt`. RFC 9068 §2.1 */
export function signCompactJws(key: ImportedKey, payload: string): string {
  if (key.signingKey === undefined) throw new TypeError(`the key '${key.kid}' cannot sign`);
  return jwt.sign(payload, key.signingKey, {
    algorithm: key.algorithm,
    header: { alg: key.algorithm, typ: 'at+jwt', kid: key.kid },
  });
}

/** Whether the signature of a compact JWS is by this key, under the one algorithm that the key is for. */
export function isSignatureGood(key: ImportedKey, token: string): boolean {
  try {
    jwt.verify(token, key.verificationKey, {
      algorithms: [key.algorithm],
      ignoreExpiration: true,
      ignoreNotBefore: true,
    });
    return true;
  } catch {
    // The key and the shape were checked before, so whatever is thrown is a verdict on the signature.
    return false;
  }
}
