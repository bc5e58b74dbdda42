// What the types of keys in @tokenpair/core promise. Compiled, never run.

import type { JsonWebKey, KeyObject } from 'node:crypto';

import {
  discoveredKeySet,
  keyThumbprint,
  loadedKeySet,
  remoteKeySet,
  type Algorithm,
  type Discovery,
  type Jwk,
  type OneIssuerOptions,
  type SigningKeyOptions,
  type VerificationKeyOptions,
} from '@tokenpair/core';

declare const keyObject: KeyObject;
declare const jwk: JsonWebKey;
declare const ownJwk: Jwk;
declare const bytes: Uint8Array;
declare const algorithm: Algorithm;
declare const discovery: Discovery;
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

// A key source comes from one of the factories.
export const verifiers: OneIssuerOptions[] = [
  { issuer: 'i', audience: 'a', keys: remoteKeySet('https://i.test/jwks') },
  { issuer: 'i', audience: 'a', keys: discoveredKeySet('https://i.test') },
  { issuer: 'i', audience: 'a', keys: loadedKeySet(async () => []) },
  { issuer: 'i', audience: 'a', keys: discovery.keys },
  // @ts-expect-error -- written by hand
  { issuer: 'i', audience: 'a', keys: { algorithms: new Set(['ES256']) } },
  // @ts-expect-error -- written by hand, with the function that a verifier calls
  { issuer: 'i', audience: 'a', keys: { algorithms: new Set(['ES256']), find: () => undefined } },
  // @ts-expect-error -- an object without members
  { issuer: 'i', audience: 'a', keys: {} },
  // @ts-expect-error -- its member `keys` is the key source
  { issuer: 'i', audience: 'a', keys: discovery },
  // @ts-expect-error -- a factory that was not called
  { issuer: 'i', audience: 'a', keys: remoteKeySet },
];
