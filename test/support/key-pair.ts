// Key pairs of any type. They may be exported, also right after they were made: on Node.js 20 the objects that
// generateKeyPairSync returns may not, as a collection of garbage in between can wait for a lock for ever.

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

// The types of Node.js know each type of key by itself alone.
const generate = generateKeyPairSync as (type: string, options: object) => { privateKey: string };

export function generateKeyPair(type: KeyType, options: KeyPairOptions = {}): KeyPair {
  const { privateKey } = generate(type, { ...options, ...asText });
  return { privateKey: createPrivateKey(privateKey), publicKey: createPublicKey(privateKey) };
}
