// Makes keys from the system's random bytes.

import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  type ED25519KeyPairOptions,
  type JsonWebKey,
} from 'node:crypto';

import { keyThumbprint, type Algorithm, type KeyState } from '@tokenpair/core';

import type { KeyEntry } from './key-ring.js';

type KeyType = 'rsa' | 'ed25519' | { readonly curve: string } | { readonly bytes: number };

// The type makes the list complete: an algorithm that is added to core must be added here. RFC 7518 §3, RFC 9864
const keyTypes: Readonly<Record<Algorithm, KeyType>> = {
  ES256: { curve: 'P-256' },
  ES384: { curve: 'P-384' },
  ES512: { curve: 'P-521' },
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
  RS256: 'rsa',
  RS384: 'rsa',
  RS512: 'rsa',
  PS256: 'rsa',
  PS384: 'rsa',
  PS512: 'rsa',
  HS256: { bytes: 32 },
  HS384: { bytes: 48 },
  HS512: { bytes: 64 },
};

export const algorithmNames: readonly string[] = Object.keys(keyTypes);

export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === 'string' && Object.hasOwn(keyTypes, name);
}

export const isRsa = (algorithm: Algorithm): boolean => keyTypes[algorithm] === 'rsa';

export interface SigningKeyOptions {
  readonly algorithm: Algorithm;
  readonly state: KeyState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Size of an RSA key. */
  readonly bits: number;
  /** @defaultValue the thumbprint of the key (RFC 7638) */
  readonly kid: string | undefined;
}

export function makeSigningKey({ algorithm, state, now, bits, kid }: SigningKeyOptions): KeyEntry {
  const type = keyTypes[algorithm];
  const material =
    typeof type === 'object' && 'bytes' in type
      ? { secret: makeSecret(type.bytes) }
      : { privateKey: makePrivateKey(type, bits) };
  const since = new Date(now).toISOString();
  return { kid: kid ?? keyThumbprint(material), algorithm, state, since, ...material };
}

export function makeRefreshKey(kid: string, state: KeyState, now: number): KeyEntry {
  return { kid, state, since: new Date(now).toISOString(), secret: makeSecret(32) };
}

/**
 * Generates text, not objects: on Node.js 20 a new `KeyObject` shares a lock with the job that made it, and exporting the
 * object can wait for that lock forever.
 */
function makePrivateKey(type: Exclude<KeyType, { bytes: number }>, bits: number): JsonWebKey {
  const text: ED25519KeyPairOptions<'pem', 'pem'> = {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  };
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: bits, ...text })
      : type === 'ed25519'
        ? generateKeyPairSync('ed25519', text)
        : generateKeyPairSync('ec', { namedCurve: type.curve, ...text });
  return createPrivateKey(privateKey).export({ format: 'jwk' });
}

function makeSecret(bytes: number): { readonly base64url: string } {
  return { base64url: randomBytes(bytes).toString('base64url') };
}
