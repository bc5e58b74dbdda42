// Imports key material for one algorithm: the key that verifies, and the key that signs. RFC 8725 §3.1

import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

import { hashOf, secretLength, validateKeyForAlgorithm, type Algorithm } from './algorithm.js';
import { isJwk, memberThatForbids } from './jwk-members.js';
import { importPrivateKey, importPublicKey, importSecret } from './key-material.js';

/** The option that holds the key material. */
export type KeyMaterialOption = 'publicKey' | 'privateKey' | 'secret';

export interface KeyPair {
  readonly verificationKey: KeyObject;
  /** `undefined` for a key that only verifies. */
  readonly signingKey: KeyObject | undefined;
}

/**
 * Imports a key and checks that it has the type, the size and the curve that its algorithm needs.
 *
 * @throws TypeError the key is unreadable or does not fit, or its two parts are of different keys.
 */
export function importKeyPair(
  option: string,
  kind: KeyMaterialOption,
  material: unknown,
  algorithm: Algorithm,
): KeyPair {
  const minBytes = secretLength(algorithm);
  if ((kind === 'secret') !== (minBytes !== undefined)) {
    const needed = minBytes === undefined ? 'publicKey or privateKey' : 'secret';
    throw new TypeError(`${option}: ${algorithm} needs a ${needed}, not a ${kind}`);
  }
  if (minBytes !== undefined) return importSharedSecret(option, material, minBytes);
  const signingKey = kind === 'privateKey' ? importPrivateKey(option, material) : undefined;
  const verificationKey =
    signingKey === undefined ? importPublicKey(option, material) : createPublicKey(signingKey);
  const problem = validateKeyForAlgorithm(algorithm, verificationKey);
  if (problem !== undefined) throw new TypeError(`${option}: ${problem}`);
  if (signingKey !== undefined) {
    requireOneKey(option, algorithm, { privateKey: signingKey, publicKey: verificationKey });
  }
  return { verificationKey, signingKey };
}

function importSharedSecret(option: string, material: unknown, minBytes: number): KeyPair {
  const secret = importSecret(option, material, minBytes);
  // A JWK may allow `verify` only.
  const canSign = !isJwk(material) || memberThatForbids(material, 'sign') === undefined;
  return { verificationKey: secret, signingKey: canSign ? secret : undefined };
}

// Node does not compare the two parts of a private key. If they differ, no signature of the key can be verified. The hash
// is that of the algorithm, because a runtime may support no other hash for a curve.
function requireOneKey(
  option: string,
  algorithm: Algorithm,
  { privateKey, publicKey }: { readonly privateKey: KeyObject; readonly publicKey: KeyObject },
): void {
  const hash = hashOf(algorithm);
  const sample = Buffer.from('tokenpair');
  let isOneKey: boolean;
  try {
    isOneKey = verify(hash, sample, publicKey, sign(hash, sample, privateKey));
  } catch (cause) {
    // The runtime lacks something; the pair may be good. The cause contains no part of the key.
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
