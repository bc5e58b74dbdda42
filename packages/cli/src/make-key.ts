// Makes keys from the system's random bytes.

import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  type ED25519KeyPairOptions,
} from 'node:crypto';

import { keyThumbprint, type Algorithm, type Jwk, type KeyState } from '@tokenpair/core';

import type { KeyEntry } from './key-ring.js';

type Material = { privateKey: Jwk } | { secret: { base64url: string } };

// Text, not objects: on Node.js 20 a new `KeyObject` shares a lock with the job that made it, and exporting the object can
// wait for that lock forever.
const pem: ED25519KeyPairOptions<'pem', 'pem'> = {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
};

const toJwk = ({ privateKey }: { readonly privateKey: string }): Material => ({
  privateKey: createPrivateKey(privateKey).export({ format: 'jwk' }),
});

const ec = (namedCurve: string): Material =>
  toJwk(generateKeyPairSync('ec', { namedCurve, ...pem }));
const ed25519 = (): Material => toJwk(generateKeyPairSync('ed25519', pem));
const rsa = (bits: number): Material =>
  toJwk(generateKeyPairSync('rsa', { modulusLength: bits, ...pem }));
const secret = (bytes: number): Material => ({
  secret: { base64url: randomBytes(bytes).toString('base64url') },
});

// The type makes the list complete: an algorithm that is added to core must be added here. RFC 7518 §3, RFC 9864
const makers: Readonly<Record<Algorithm, (bits: number) => Material>> = {
  ES256: () => ec('P-256'),
  ES384: () => ec('P-384'),
  ES512: () => ec('P-521'),
  EdDSA: ed25519,
  Ed25519: ed25519,
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  HS256: () => secret(32),
  HS384: () => secret(48),
  HS512: () => secret(64),
};

export const algorithmNames: readonly string[] = Object.keys(makers);

export function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(makers, name);
}

export const isRsa = (algorithm: Algorithm): boolean => makers[algorithm] === rsa;

/** What can be chosen for a new signing key. */
export interface KeyOptions {
  /** @defaultValue ES256 */
  readonly algorithm: Algorithm | undefined;
  /** @defaultValue the thumbprint of the key (RFC 7638) */
  readonly kid: string | undefined;
  /** Size of an RSA key. @defaultValue 2048 */
  readonly bits: number | undefined;
}

export function makeSigningKey(options: KeyOptions & { state: KeyState; now: number }): KeyEntry {
  const { algorithm = 'ES256', kid, bits = 2_048, state, now } = options;
  const material = makers[algorithm](bits);
  const since = new Date(now).toISOString();
  return { kid: kid ?? keyThumbprint(material), algorithm, state, since, ...material };
}

export function makeRefreshKey(kid: string, state: KeyState, now: number): KeyEntry {
  return { kid, state, since: new Date(now).toISOString(), ...secret(32) };
}
