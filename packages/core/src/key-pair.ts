// Leaf of every journey: key material and its algorithm to what verifies and what signs. RFC 8725 §3.1

import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

import { misfit, secretLength, type Algorithm } from './algorithm.js';
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
  if (signingKey !== undefined && !belongTogether(signingKey, verificationKey)) {
    throw new TypeError(`${option}: its private and its public part are not of one key`);
  }
  return { verificationKey, signingKey };
}

function importShared(option: string, material: unknown, minBytes: number): KeyPair {
  const secret = importSecret(option, material, minBytes);
  // A JWK may be for verifying alone.
  const canSign = !isJwk(material) || memberAgainst(material, 'sign') === undefined;
  return { verificationKey: secret, signingKey: canSign ? secret : undefined };
}

// Node does not compare them, and nobody could verify what such a key signs.
function belongTogether(privateKey: KeyObject, publicKey: KeyObject): boolean {
  const hash = publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const text = Buffer.from('tokenpair');
  try {
    return verify(hash, text, publicKey, sign(hash, text, privateKey));
  } catch {
    return false;
  }
}
