// On the way of keygen: fresh keys, from the system's randomness.

import { generateKeyPairSync, randomBytes, type JsonWebKey, type KeyObject } from 'node:crypto';

import type { Algorithm } from '@tokenpair/core';

import { kindOf } from './algorithms.js';
import type { KeyState, RefreshKeyEntry, SigningKeyEntry } from './key-ring.js';
import { thumbprint } from './thumbprint.js';

export interface SigningKeyWish {
  readonly algorithm: Algorithm;
  readonly state: KeyState;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of an RSA key; others have the one size that their algorithm names. */
  readonly bits: number;
  readonly kid: string | undefined;
}

/** Without a `kid` the key is named by its thumbprint; a secret, of which nothing must follow, by random text. */
export function makeSigningKey({
  algorithm,
  state,
  now,
  bits,
  kid,
}: SigningKeyWish): SigningKeyEntry {
  const kind = kindOf(algorithm);
  const stated = { algorithm, state, since: new Date(now).toISOString() };
  if (kind.type === 'secret') {
    const secret = makeSecret(kind.bytes);
    return { kid: kid ?? randomBytes(16).toString('base64url'), ...stated, secret };
  }
  const privateKey = toJwk(
    kind.type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: bits }).privateKey
      : kind.type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: kind.nodeCurve }).privateKey
        : generateKeyPairSync('ed25519').privateKey,
  );
  return { kid: kid ?? thumbprint(privateKey), ...stated, privateKey };
}

export function makeRefreshKey(kid: string, state: KeyState, now: number): RefreshKeyEntry {
  return { kid, state, since: new Date(now).toISOString(), secret: makeSecret(32) };
}

function makeSecret(bytes: number): { readonly base64url: string } {
  return { base64url: randomBytes(bytes).toString('base64url') };
}

function toJwk(key: KeyObject): JsonWebKey {
  return key.export({ format: 'jwk' });
}
