// RSA keys are dear to make, so globalSetup makes a few for all test files. Jest loads this file without its module mapper.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const variable = 'TEST_RSA_KEYS';
const modulusLength = 2_048;
// As many as there are algorithms for them.
const count = 6;

/** Makes the keys, and leaves them where the processes that Jest starts find them. */
export async function layInRsaKeys(): Promise<void> {
  const pairs = await Promise.all(
    Array.from({ length: count }, () => promisify(generateKeyPair)('rsa', { modulusLength })),
  );
  process.env[variable] = JSON.stringify(
    pairs.map(({ privateKey }) => privateKey.export({ format: 'pem', type: 'pkcs8' })),
  );
}

let left: string[] | undefined;

/** A pair that this test file has not had yet. */
export function takeRsaKeyPair(): KeyPair {
  left ??= JSON.parse(process.env[variable] ?? '[]') as string[];
  const pem = left.pop();
  if (pem === undefined) return generateKeyPairSync('rsa', { modulusLength });
  return { privateKey: createPrivateKey(pem), publicKey: createPublicKey(pem) };
}
