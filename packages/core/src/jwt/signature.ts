// Signs and verifies compact JWS: jsonwebtoken signs, `node:crypto` verifies. RFC 7515 §5, RFC 7518 §3, RFC 8037 §3.1

import { constants, createHmac, sign, timingSafeEqual, verify } from 'node:crypto';
import type { KeyObject, VerifyKeyObjectInput } from 'node:crypto';

import jwt from 'jsonwebtoken';

import { hashOf, isEd25519 } from '../keys/algorithm.js';
import type { ImportedKey } from '../keys/keys.js';
import type { CompactJws } from './compact-jws.js';

/** Signs a JSON text as a compact JWS with `typ: at+jwt`. RFC 9068 §2.1 */
export function signCompactJws(key: ImportedKey, payload: string): string {
  const { kid, algorithm, signingKey } = key;
  if (signingKey === undefined) {
    throw new TypeError(`The key '${kid}' only verifies. Sign with a private key or a secret.`);
  }
  const header = { alg: algorithm, typ: 'at+jwt', kid };
  // jsonwebtoken does not know these algorithms.
  if (isEd25519(algorithm)) return signEd25519(JSON.stringify(header), payload, signingKey);
  return jwt.sign(payload, signingKey, { algorithm, header });
}

type SignedPart = Pick<CompactJws, 'signingInput' | 'signature'>;

/**
 * Whether a key made a signature, under the one algorithm that the key is for. The header is not read. Accepts both values of
 * `s` in an ECDSA signature, because signers do not agree on one (RFC 7518 §3.4): so the token has a second canonical text.
 */
export function isSignatureGood(key: ImportedKey, jws: SignedPart): boolean {
  try {
    return isSignedBy(key, jws);
  } catch {
    // The key was checked when it was imported, so an error means that the signature cannot be one.
    return false;
  }
}

// Each case checks the type of the key: Node chooses the scheme by the key and ignores the options of another scheme.
function isSignedBy(
  { algorithm, verificationKey: key }: ImportedKey,
  { signingInput, signature }: SignedPart,
): boolean {
  const hash = hashOf(algorithm);
  const isSigned = (options: VerifyKeyObjectInput) =>
    verify(hash, Buffer.from(signingInput), options, signature);
  if (hash === null) return key.asymmetricKeyType === 'ed25519' && isSigned({ key });
  switch (algorithm.slice(0, 2)) {
    case 'HS': {
      const expected = createHmac(hash, key).update(signingInput).digest();
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    }
    case 'RS':
      return (
        hasRsaLength(key, signature) && isSigned({ key, padding: constants.RSA_PKCS1_PADDING })
      );
    case 'PS':
      return (
        hasRsaLength(key, signature) &&
        isSigned({
          key,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          // The salt is as long as the hash, no shorter and no longer. RFC 7518 §3.5
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        })
      );
    default:
      // Two numbers of fixed length, not DER. RFC 7518 §3.4
      return key.asymmetricKeyType === 'ec' && isSigned({ key, dsaEncoding: 'ieee-p1363' });
  }
}

// OpenSSL accepts a PSS signature whose leading zero byte is cut off: a second text of the same token. RFC 8017 §8.1.2
function hasRsaLength(key: KeyObject, { length }: Buffer): boolean {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  return key.asymmetricKeyType === 'rsa' && bits !== undefined && length === Math.ceil(bits / 8);
}

function signEd25519(header: string, payload: string, key: KeyObject): string {
  const signingInput = [header, payload]
    .map((text) => Buffer.from(text).toString('base64url'))
    .join('.');
  // No hash is named: Ed25519 has its own. RFC 8037 §3.1
  return `${signingInput}.${sign(null, Buffer.from(signingInput), key).toString('base64url')}`;
}
