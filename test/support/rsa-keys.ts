// RSA keys are dear to make, so globalSetup makes a few for all test files. Jest loads this file without its module mapper.

import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

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

/** The text of a private key that this test file has not had yet, if there is one left. */
export function takeRsaKey(): string | undefined {
  left ??= JSON.parse(process.env[variable] ?? '[]') as string[];
  return left.pop();
}
