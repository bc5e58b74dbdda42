// On the way of keygen: fresh keys, from the system's randomness.

import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  type ED25519KeyPairOptions,
  type KeyObject,
} from 'node:crypto';

import { keyThumbprint, type Algorithm, type KeyState } from '@tokenpair/core';

import { kindOf, type KeyKind } from './algorithms.js';
import type { RefreshKeyEntry, SigningKeyEntry } from './key-ring.js';

export interface SigningKeyWish {
  readonly algorithm: Algorithm;
  readonly state: KeyState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of an RSA key; others have the one size that their algorithm names. */
  readonly bits: number;
  /** Left out, the key is named by its thumbprint, as core would name it. RFC 7638 */
  readonly kid: string | undefined;
}

export function makeSigningKey({
  algorithm,
  state,
  now,
  bits,
  kid,
}: SigningKeyWish): SigningKeyEntry {
  const kind = kindOf(algorithm);
  const since = new Date(now).toISOString();
  if (kind.type === 'secret') {
    const secret = makeSecret(kind.bytes);
    return { kid: kid ?? keyThumbprint({ secret }), algorithm, state, since, secret };
  }
  const privateKey = makePrivateKey(kind, bits).export({ format: 'jwk' });
  return { kid: kid ?? keyThumbprint({ privateKey }), algorithm, state, since, privateKey };
}

export function makeRefreshKey(kid: string, state: KeyState, now: number): RefreshKeyEntry {
  return { kid, state, since: new Date(now).toISOString(), secret: makeSecret(32) };
}

function makePrivateKey(kind: Exclude<KeyKind, { type: 'secret' }>, bits: number): KeyObject {
  return createPrivateKey(makePem(kind, bits).privateKey);
}

/**
 * As text and not as an object: on Node.js 20 an object shares a lock with the job that made it, and a collection of garbage
 * that meets the job while the object is exported waits for that lock for ever.
 */
const asText: ED25519KeyPairOptions<'pem', 'pem'> = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
};

function makePem(kind: Exclude<KeyKind, { type: 'secret' }>, bits: number) {
  if (kind.type === 'rsa') return generateKeyPairSync('rsa', { modulusLength: bits, ...asText });
  return kind.type === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: kind.nodeCurve, ...asText })
    : generateKeyPairSync('ed25519', asText);
}

function makeSecret(bytes: number): { readonly base64url: string } {
  return { base64url: randomBytes(bytes).toString('base64url') };
}
