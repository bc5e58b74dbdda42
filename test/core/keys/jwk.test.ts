import { randomBytes, type KeyObject } from 'node:crypto';

import type { Algorithm } from '@tokenpair/core';
import fc from 'fast-check';

import { algorithms } from '../../../packages/core/src/keys/algorithm.js';
import { importJwk, toPublicJwk } from '../../../packages/core/src/keys/keys.js';
import { createKeyPair } from '../../support/keys.js';
import { generateKeyPair } from '../../support/key-pair.js';

const rsa = createKeyPair('RS256');
const ec = createKeyPair('ES256');
const ed25519 = createKeyPair('EdDSA');
const jwk = (key: KeyObject) => ({ ...key.export({ format: 'jwk' }), kid: 'k1' });
const [rsaJwk, ecJwk, edJwk] = [rsa, ec, ed25519].map(({ publicKey }) => jwk(publicKey)) as [
  object,
  object,
  object,
];

describe('importing a published key', () => {
  it.each<[string, object, readonly Algorithm[], Algorithm]>([
    ['an RSA key', { ...rsaJwk, alg: 'RS256' }, algorithms, 'RS256'],
    ['an RSA key for PS512', { ...rsaJwk, alg: 'PS512' }, algorithms, 'PS512'],
    ['an EC key', { ...ecJwk, alg: 'ES256' }, ['ES256'], 'ES256'],
    ['an EC key on P-384', jwk(createKeyPair('ES384').publicKey), algorithms, 'ES384'],
    ['an Ed25519 key for EdDSA', { ...edJwk, alg: 'EdDSA' }, algorithms, 'EdDSA'],
    ['an Ed25519 key for Ed25519', { ...edJwk, alg: 'Ed25519' }, algorithms, 'Ed25519'],
    ['a key without alg, for the first that fits', rsaJwk, ['ES256', 'PS256', 'RS256'], 'PS256'],
    ['an RSA key without alg, where secrets come first', rsaJwk, algorithms, 'RS256'],
    ['an Ed25519 key without alg', edJwk, ['RS256', 'Ed25519', 'EdDSA'], 'Ed25519'],
    ['a key to sign', { ...ecJwk, use: 'sig' }, algorithms, 'ES256'],
    ['a key to verify', { ...ecJwk, key_ops: ['verify'] }, algorithms, 'ES256'],
    ['a key with members that we do not know', { ...ecJwk, x5c: ['x'], n: 1 }, algorithms, 'ES256'],
    ['a key with a long kid', { ...ecJwk, kid: 'x'.repeat(256) }, algorithms, 'ES256'],
  ])('succeeds for %s', (_what, member, allowed, algorithm) => {
    const key = importJwk(member, allowed);
    expect(key).toMatchObject({ algorithm, signingKey: undefined, state: undefined });
    expect(key?.kid).toBe((member as { kid: string }).kid);
    expect(key?.verificationKey.type).toBe('public');
  });

  const weak = generateKeyPair('rsa', { modulusLength: 1_024 }).publicKey;
  const { d } = ec.privateKey.export({ format: 'jwk' });
  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['text', JSON.stringify(ecJwk)],
    ['an array', [ecJwk]],
    ['a KeyObject', ec.publicKey],
    ['empty', {}],
    ['a secret', { kty: 'oct', k: randomBytes(64).toString('base64url'), kid: 'k1', alg: 'HS256' }],
    ['a secret with the members of a public key', { ...ecJwk, kty: 'oct' }],
    ['an EC private key', jwk(ec.privateKey)],
    ['an RSA private key', jwk(rsa.privateKey)],
    ['an Ed25519 private key', jwk(ed25519.privateKey)],
    ['a public key with d of another type', { ...rsaJwk, d }],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'].map((name): [string, unknown] => [
      `a public key with ${name}, be it empty`,
      { ...rsaJwk, [name]: undefined },
    ]),
    ['of a kid that is null', { ...ecJwk, kid: null }],
    ['of an empty kid', { ...ecJwk, kid: '' }],
    ['of a kid that is a number', { ...ecJwk, kid: 1 }],
    ['of a kid that is too long', { ...ecJwk, kid: 'x'.repeat(257) }],
    ['to encrypt', { ...rsaJwk, use: 'enc' }],
    ['of a use that is null', { ...rsaJwk, use: null }],
    ['to sign with', { ...rsaJwk, key_ops: ['sign'] }],
    ['of key_ops that are text', { ...rsaJwk, key_ops: 'verify' }],
    ['for an algorithm that encrypts', { ...rsaJwk, alg: 'RSA-OAEP-256' }],
    ['for none', { ...rsaJwk, alg: 'none' }],
    ['for an algorithm of secrets', { ...rsaJwk, alg: 'HS256' }],
    ['for an algorithm of another type', { ...rsaJwk, alg: 'ES256' }],
    ['for an algorithm that is null', { ...rsaJwk, alg: null }],
    ['for an algorithm in an array', { ...rsaJwk, alg: ['RS256'] }],
    ['for a curve that it is not on', { ...ecJwk, alg: 'ES384' }],
    ['for Ed448', { ...jwk(generateKeyPair('ed448').publicKey), alg: 'EdDSA' }],
    ['an Ed448 key', jwk(generateKeyPair('ed448').publicKey)],
    ['an X25519 key', jwk(generateKeyPair('x25519').publicKey)],
    ['a secp256k1 key', jwk(generateKeyPair('ec', { namedCurve: 'secp256k1' }).publicKey)],
    ['an RSA key of 1024 bits', jwk(weak)],
    ['an RSA key of exponent 1', { ...rsaJwk, e: 'AQ' }],
    ['an RSA key without modulus', { ...rsaJwk, n: undefined }],
    ['off its curve', { ...ecJwk, y: 'AAAA' }],
    ['of an unknown type', { ...ecJwk, kty: 'AKP' }],
    ['of a type that is a number', { ...ecJwk, kty: 1 }],
  ])('returns undefined for a value that is %s', (_what, member) => {
    expect(importJwk(member, algorithms)).toBeUndefined();
  });

  it('returns undefined for an algorithm that is not allowed', () => {
    expect(importJwk({ ...rsaJwk, alg: 'RS512' }, ['RS256', 'PS512'])).toBeUndefined();
    expect(importJwk(rsaJwk, ['ES256', 'EdDSA', 'HS256'])).toBeUndefined();
    expect(importJwk({ ...edJwk, alg: 'EdDSA' }, ['Ed25519'])).toBeUndefined();
    expect(importJwk(rsaJwk, [])).toBeUndefined();
  });

  it('never throws, whatever is in it', () => {
    const names = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use', 'key_ops'];
    fc.assert(
      fc.property(
        fc.constantFrom(rsaJwk, ecJwk, edJwk),
        fc.constantFrom(...names),
        fc.jsonValue(),
        (member, name, value) => {
          const key = importJwk({ ...member, [name]: value }, algorithms);
          expect(key === undefined || key.verificationKey.type === 'public').toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a published key of this package', () => {
  it.each<[Algorithm, object]>([
    ['RS256', rsaJwk],
    ['ES256', ecJwk],
    ['EdDSA', edJwk],
    ['Ed25519', edJwk],
  ])('for %s has the members that other libraries read', (algorithm, member) => {
    const key = importJwk({ ...member, alg: algorithm }, [algorithm]);
    const published = toPublicJwk(key as NonNullable<typeof key>);
    expect(published).toEqual({ ...member, alg: algorithm, use: 'sig' });
    expect(importJwk(JSON.parse(JSON.stringify(published)), algorithms)).toMatchObject({
      kid: 'k1',
      algorithm,
    });
  });
});
