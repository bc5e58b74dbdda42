// Where core meets jsonwebtoken and jwa, the layer below it: they make and check signatures, and nothing else. The
// rules are ours.

// oxlint-disable-next-line typescript/triple-slash-reference -- whoever compiles this file alone finds the types too
/// <reference path="./jwa.d.ts" />

import { sign, verify, type KeyObject } from 'node:crypto';

import jwt from 'jsonwebtoken';
import jwa from 'jwa';

import { algorithms, type Algorithm } from '../keys/algorithm.js';
import type { ImportedKey } from '../keys/keys.js';

/** Signs a JSON text as a compact JWS with `typ: at+jwt`. RFC 9068 §2.1 */
export function signCompactJws(key: ImportedKey, payload: string): string {
  const { kid, algorithm, signingKey } = key;
  if (signingKey === undefined) throw new TypeError(`the key '${kid}' cannot sign`);
  const header = { alg: algorithm, typ: 'at+jwt', kid };
  if (isEdwards(algorithm)) return signEdwards(JSON.stringify(header), payload, signingKey);
  return jwt.sign(payload, signingKey, { algorithm, header });
}

/**
 * Whether the signature of a compact JWS is by this key, under the one algorithm that the key is for.
 *
 * The token has three canonical base64url segments: its spelling is judged before. Its header is not looked at. An ECDSA
 * signature is good with either of its two values of s: signers do not agree on one (RFC 7518 §3.4).
 */
export function isSignatureGood(key: ImportedKey, token: string): boolean {
  const { algorithm, verificationKey } = key;
  const dot = token.lastIndexOf('.');
  try {
    const scheme = schemes.get(algorithm);
    return scheme?.verify(token.slice(0, dot), token.slice(dot + 1), verificationKey) === true;
  } catch {
    // The key was checked before, so whatever is thrown is a verdict on the signature.
    return false;
  }
}

// jsonwebtoken has no EdDSA, so Node does it.
type EdwardsAlgorithm = 'EdDSA' | 'Ed25519';

function isEdwards(algorithm: Algorithm): algorithm is EdwardsAlgorithm {
  return algorithm === 'EdDSA' || algorithm === 'Ed25519';
}

// No hash is named: Ed25519 has its own. RFC 8037 §3.1
function signEdwards(header: string, payload: string, key: KeyObject): string {
  const signingInput = [header, payload]
    .map((text) => Buffer.from(text).toString('base64url'))
    .join('.');
  return `${signingInput}.${sign(null, Buffer.from(signingInput), key).toString('base64url')}`;
}

const edwards: ReturnType<typeof jwa> = {
  // Without the name of a hash Node takes an RSA key as well.
  verify: (signingInput, signature, key) =>
    key.asymmetricKeyType === 'ed25519' &&
    verify(null, Buffer.from(signingInput), key, Buffer.from(signature, 'base64url')),
};

// Looked for once an algorithm: jws and jsonwebtoken do so at every token, and read its header once more.
const schemes: ReadonlyMap<Algorithm, ReturnType<typeof jwa>> = new Map(
  algorithms.map((algorithm) => [algorithm, isEdwards(algorithm) ? edwards : jwa(algorithm)]),
);
