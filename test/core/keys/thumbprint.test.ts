import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { keyThumbprint, type KeyToName } from '@tokenpair/core';

import { jwkThumbprint } from '../../../packages/core/src/keys/thumbprint.js';
import { createKeyPair } from '../../support/keys.js';
import { ed25519Rfc8037 } from '../../support/rfc-examples.js';
import { generateKeyPair } from '../../support/key-pair.js';

const rsaRfc7638 = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
  alg: 'RS256',
  kid: '2011-04-29',
};

describe('the thumbprint of a key', () => {
  it.each([
    ['RFC 7638 §3.1', rsaRfc7638, 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
    ['RFC 8037 A.3', ed25519Rfc8037, 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'],
  ])('is that of %s', (_where, publicKey, thumbprint) => {
    expect(keyThumbprint({ publicKey })).toBe(thumbprint);
  });

  it('does not depend on other members of a JWK, nor on their order', () => {
    const { kty, crv, x } = ed25519Rfc8037;
    expect(keyThumbprint({ publicKey: { use: 'sig', x, kid: 'k', crv, alg: 'EdDSA', kty } })).toBe(
      keyThumbprint({ publicKey: ed25519Rfc8037 }),
    );
  });

  it.each(['RS256', 'ES256', 'ES512', 'EdDSA'] as const)(
    'is the same for every form of an %s key, private or public, and for no other key',
    (algorithm) => {
      const { privateKey, publicKey } = createKeyPair(algorithm);
      const forms: KeyToName[] = [
        { publicKey },
        { privateKey },
        { publicKey: publicKey.export({ format: 'jwk' }) },
        { privateKey: privateKey.export({ format: 'jwk' }) },
        { publicKey: publicKey.export({ format: 'pem', type: 'spki' }) },
        { publicKey: publicKey.export({ format: 'der', type: 'spki' }) },
        { privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }) },
      ];
      const thumbprints = new Set(forms.map(keyThumbprint));
      expect([...thumbprints]).toEqual([jwkThumbprint(privateKey)]);
      expect([...thumbprints][0]).toMatch(/^[\w-]{43}$/);
      expect(thumbprints).not.toContain(
        keyThumbprint({ publicKey: createKeyPair(algorithm).publicKey }),
      );
    },
  );

  it('is the same for every form of a secret, and for no other secret', () => {
    const secret = randomBytes(32);
    const base64url = secret.toString('base64url');
    const forms: KeyToName[] = [
      { secret },
      { secret: createSecretKey(secret) },
      { secret: { base64url } },
      { secret: { kty: 'oct', k: base64url } },
    ];
    const thumbprints = new Set(forms.map(keyThumbprint));
    expect(thumbprints.size).toBe(1);
    expect(thumbprints).not.toContain(keyThumbprint({ secret: randomBytes(32) }));
    // As text it has other bytes.
    expect(thumbprints).not.toContain(keyThumbprint({ secret: base64url }));
  });

  it.each<[string, object, RegExp]>([
    ['no key', {}, /publicKey, privateKey, secret/],
    ['two keys', createKeyPair('ES256'), /publicKey, privateKey, secret/],
    ['an unknown option', { key: 'x' }, /'key'/],
    ['a name of Object.prototype', { constructor: 'x' }, /'constructor'/],
    ['no object', [] as object, /object/],
    [
      'a private key as a public one',
      { publicKey: createKeyPair('ES256').privateKey },
      /publicKey/,
    ],
    [
      'a public key as a private one',
      { privateKey: createKeyPair('ES256').publicKey },
      /privateKey/,
    ],
    ['text that is no key', { publicKey: 'x' }, /publicKey/],
    ['a secret that is too short', { secret: randomBytes(31) }, /secret/],
    [
      'a key that has no JWK',
      { publicKey: generateKeyPair('rsa-pss', { modulusLength: 2_048 }).publicKey },
      /publicKey/,
    ],
  ])('is refused by name with %s', (_what, key, name) => {
    expect(() => keyThumbprint(key as { publicKey: KeyObject })).toThrow(TypeError);
    expect(() => keyThumbprint(key as { publicKey: KeyObject })).toThrow(name);
  });
});
