// What the types of keys in @tokenpair/core promise. Compiled, never run.

import type { JsonWebKey, KeyObject } from 'node:crypto';

import {
  keyThumbprint,
  type Algorithm,
  type Jwk,
  type SigningKeyOptions,
  type VerificationKeyOptions,
} from '@tokenpair/core';

declare const keyObject: KeyObject;
declare const jwk: JsonWebKey;
declare const ownJwk: Jwk;
declare const bytes: Uint8Array;
declare const algorithm: Algorithm;
const selfDescribed = { kty: 'OKP', crv: 'Ed25519', x: '', alg: 'EdDSA' };

export const verificationKeys: VerificationKeyOptions[] = [
  { algorithm, publicKey: 'PEM' },
  { kid: '1', algorithm: 'EdDSA', publicKey: bytes, state: 'next' },
  { algorithm: 'Ed25519', publicKey: keyObject },
  { algorithm, publicKey: jwk },
  { algorithm, publicKey: ownJwk },
  { publicKey: selfDescribed },
  { algorithm, secret: 'text' },
  { algorithm, secret: bytes },
  { algorithm, secret: { base64url: 'AAAA' } },
  { algorithm, secret: jwk },
  { algorithm, secret: keyObject },
  { secret: { kty: 'oct', k: 'AAAA', alg: 'HS256' } },
  // @ts-expect-error -- PEM does not say which algorithm it is for
  { publicKey: 'PEM' },
  // @ts-expect-error -- nor does a KeyObject
  { publicKey: keyObject },
  // @ts-expect-error -- nor do the bytes of a secret
  { secret: bytes },
  // @ts-expect-error -- nor need a JWK
  { publicKey: jwk },
  // @ts-expect-error -- nor one of our own type
  { publicKey: ownJwk },
  // @ts-expect-error -- not a state
  { algorithm, publicKey: 'PEM', state: 'old' },
  // @ts-expect-error -- not an algorithm
  { algorithm: 'none', publicKey: 'PEM' },
  // @ts-expect-error -- a verifier holds no private key
  { algorithm, privateKey: 'PEM' },
];

export const jwkOfNode: Jwk = jwk;

export const signingKeys: SigningKeyOptions[] = [
  { algorithm, privateKey: 'PEM', state: 'current' },
  { privateKey: { ...selfDescribed, d: '' } },
  { algorithm, secret: bytes, state: 'retiring' },
  // @ts-expect-error -- a public key does not sign
  { algorithm, publicKey: 'PEM' },
];

export const names: string[] = [
  keyThumbprint({ publicKey: 'PEM' }),
  keyThumbprint({ privateKey: jwk }),
  keyThumbprint({ secret: { base64url: 'AAAA' } }),
  // @ts-expect-error -- a key is given as what it is
  keyThumbprint('PEM'),
];
