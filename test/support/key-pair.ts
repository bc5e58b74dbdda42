// Generates key pairs that can be exported at once. On Node.js 20 the export of a key object from generateKeyPairSync can block
// without end, if garbage is collected during the export.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export type KeyType = 'ec' | 'ed25519' | 'ed448' | 'rsa' | 'rsa-pss' | 'x25519';

export interface KeyPairOptions {
  readonly namedCurve?: string;
  readonly modulusLength?: number;
}

const asText = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const;

// The types of Node.js have one overload per type of key, and none for all of them.
const generate = generateKeyPairSync as (type: string, options: object) => { privateKey: string };

export function generateKeyPair(type: KeyType, options: KeyPairOptions = {}): KeyPair {
  const { privateKey } = generate(type, { ...options, ...asText });
  return { privateKey: createPrivateKey(privateKey), publicKey: createPublicKey(privateKey) };
}
