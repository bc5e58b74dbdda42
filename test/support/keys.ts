// Keys for tests, made once per test file.

import { randomBytes } from 'node:crypto';

import type { Algorithm, SigningKeyOptions, VerificationKeyOptions } from '@tokenpair/core';

import { generateKeyPair, type KeyPair } from './key-pair.js';

export interface TestKey {
  readonly signing: SigningKeyOptions;
  readonly verification: VerificationKeyOptions;
}

const curves = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' } as const;

/** A key that fits an algorithm. */
export function createTestKey(algorithm: Algorithm = 'HS256', kid = 'test'): TestKey {
  if (algorithm.startsWith('HS')) {
    const key = { kid, algorithm, secret: randomBytes(64) };
    return { signing: key, verification: key };
  }
  const { privateKey, publicKey } = createKeyPair(algorithm);
  return {
    signing: { kid, algorithm, privateKey },
    verification: { kid, algorithm, publicKey },
  };
}

export function createKeyPair(algorithm: Algorithm): KeyPair {
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return generateKeyPair('ed25519');
  if (algorithm.startsWith('ES')) {
    return generateKeyPair('ec', { namedCurve: curves[algorithm as keyof typeof curves] });
  }
  return generateKeyPair('rsa', { modulusLength: 2_048 });
}
