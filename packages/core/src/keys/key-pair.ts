// Leaf of every journey: key material and its algorithm to what verifies and what signs. RFC 8725 §3.1

import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

import { hashOf, misfit, secretLength, type Algorithm } from './algorithm.js';
import { isJwk, memberAgainst } from './jwk-members.js';
import { importPrivateKey, importPublicKey, importSecret } from './key-material.js';

export type KeyKind = 'publicKey' | 'privateKey' | 'secret';

export interface KeyPair {
  readonly verificationKey: KeyObject;
  /** Absent from a key that only verifies. */
  readonly signingKey: KeyObject | undefined;
}

/** Imports a key that fits its algorithm: in kind, size and curve. */
export function importKeyPair(
  option: string,
  kind: KeyKind,
  material: unknown,
  algorithm: Algorithm,
): KeyPair {
  const minBytes = secretLength(algorithm);
  if ((kind === 'secret') !== (minBytes !== undefined)) {
    throw new TypeError(`${option}: ${algorithm} is not used with a ${kind}`);
  }
  if (minBytes !== undefined) return importShared(option, material, minBytes);
  const signingKey = kind === 'privateKey' ? importPrivateKey(option, material) : undefined;
  const verificationKey =
    signingKey === undefined ? importPublicKey(option, material) : createPublicKey(signingKey);
  const lack = misfit(algorithm, verificationKey);
  if (lack !== undefined) throw new TypeError(`${option}: ${lack}`);
  if (signingKey !== undefined) {
    requireOneKey(option, algorithm, { privateKey: signingKey, publicKey: verificationKey });
  }
  return { verificationKey, signingKey };
}

function importShared(option: string, material: unknown, minBytes: number): KeyPair {
  const secret = importSecret(option, material, minBytes);
  // A JWK may be for verifying alone.
  const canSign = !isJwk(material) || memberAgainst(material, 'sign') === undefined;
  return { verificationKey: secret, signingKey: canSign ? secret : undefined };
}

// Node does not compare the two parts, and what such a key signs could not be verified. The hash is the one that tokens
// will be signed with: a runtime may take no other on a curve.
function requireOneKey(
  option: string,
  algorithm: Algorithm,
  { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
): void {
  const hash = hashOf(algorithm);
  const text = Buffer.from('tokenpair');
  let isOneKey: boolean;
  try {
    isOneKey = verify(hash, text, publicKey, sign(hash, text, privateKey));
  } catch (cause) {
    // Not a verdict on the pair. The cause says what the runtime does not do; it has no part of the key.
    throw new TypeError(
      `${option}: signing with this key under ${algorithm} failed in this runtime; the cause says why. ` +
        'Use an algorithm that the runtime has, or another key.',
      { cause },
    );
  }
  if (!isOneKey) {
    throw new TypeError(
      `${option}: its private and its public part are not of one key. Give both parts of the same key.`,
    );
  }
}
