import { createSecretKey, randomBytes, type JsonWebKey, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';

import {
  createTokenVerifier,
  issueTokenPair,
  verifyBearer,
  type Algorithm,
  type AsymmetricKeyMaterial,
  type SecretMaterial,
  type SigningKeyOptions,
  type OneIssuerOptions,
} from '@tokenpair/core';

import { signerFor } from '../../support/forge.js';
import { createTestIssuer } from '../../support/issuer.js';
import { createKeyPair } from '../../support/keys.js';
import { createTestVerifier } from '../../support/verifier.js';
import { generateKeyPair } from '../../support/key-pair.js';

const rsa = createKeyPair('RS256');
const ec = createKeyPair('ES256');
const ed448 = generateKeyPair('ed448').publicKey;
const ed25519 = createKeyPair('EdDSA');
const pem = (key: KeyObject, type: 'spki' | 'pkcs1' | 'pkcs8' | 'sec1') =>
  key.export({ format: 'pem', type } as never) as string;
const der = (key: KeyObject, type: 'spki' | 'pkcs1' | 'pkcs8' | 'sec1') =>
  key.export({ format: 'der', type } as never) as unknown as Buffer;
const jwk = (key: KeyObject) => key.export({ format: 'jwk' });

/** Verifies with these keys and nothing else. */
function createWith(keys: unknown): void {
  createTokenVerifier({
    issuer: 'i',
    audience: 'a',
    keys: keys as OneIssuerOptions['keys'],
  });
}

describe('a public key', () => {
  it.each<[string, Algorithm, AsymmetricKeyMaterial]>([
    ['a KeyObject', 'RS256', rsa.publicKey],
    ['SPKI PEM text', 'RS256', pem(rsa.publicKey, 'spki')],
    ['PKCS#1 PEM text', 'RS256', pem(rsa.publicKey, 'pkcs1')],
    ['PEM bytes', 'RS256', Buffer.from(pem(rsa.publicKey, 'spki'))],
    ['PEM in a Uint8Array', 'RS256', new Uint8Array(Buffer.from(pem(rsa.publicKey, 'spki')))],
    ['PEM text with remarks around it', 'RS256', `Remark\n${pem(rsa.publicKey, 'spki')}\nRemark`],
    ['an RSA JWK', 'RS256', jwk(rsa.publicKey)],
    ['an RSA JWK with members more', 'PS256', { ...jwk(rsa.publicKey), kid: 'test', use: 'sig' }],
    ['an EC KeyObject', 'ES256', ec.publicKey],
    ['EC PEM text', 'ES256', pem(ec.publicKey, 'spki')],
    ['an EC JWK', 'ES256', jwk(ec.publicKey)],
    ['an EC JWK without its private part', 'ES256', { ...jwk(ec.privateKey), d: undefined }],
    ['SPKI DER', 'RS256', der(rsa.publicKey, 'spki')],
    ['PKCS#1 DER', 'RS256', der(rsa.publicKey, 'pkcs1')],
    ['EC SPKI DER', 'ES256', der(ec.publicKey, 'spki')],
    ['Ed25519 DER in a Uint8Array', 'EdDSA', new Uint8Array(der(ed25519.publicKey, 'spki'))],
    ['an Ed25519 KeyObject', 'EdDSA', ed25519.publicKey],
    ['Ed25519 PEM text', 'Ed25519', pem(ed25519.publicKey, 'spki')],
    ['an Ed25519 JWK', 'EdDSA', jwk(ed25519.publicKey)],
  ])('verifies when it is given as %s', async (_form, algorithm, publicKey) => {
    const { token, verify, header } = createTestVerifier({
      keys: [{ kid: 'test', algorithm, publicKey }],
    });
    const pairs: Partial<Record<Algorithm, typeof rsa>> = {
      ES256: ec,
      EdDSA: ed25519,
      Ed25519: ed25519,
    };
    const { privateKey } = pairs[algorithm] ?? rsa;
    const good = token(
      {},
      { header: header({ alg: algorithm }), signer: signerFor(algorithm, privateKey) },
    );
    await expect(verify(good)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it.each<[string, Algorithm, unknown]>([
    ['a private KeyObject', 'RS256', rsa.privateKey],
    ['a private key in PEM', 'RS256', pem(rsa.privateKey, 'pkcs8')],
    ['a PKCS#1 private key in PEM', 'RS256', pem(rsa.privateKey, 'pkcs1')],
    ['a private key in PEM bytes', 'RS256', Buffer.from(pem(rsa.privateKey, 'pkcs8'))],
    ['an EC private key in PEM', 'ES256', pem(ec.privateKey, 'sec1')],
    ['a private JWK', 'ES256', jwk(ec.privateKey)],
    ['a private RSA JWK', 'RS256', jwk(rsa.privateKey)],
    ['a secret KeyObject', 'RS256', createSecretKey(randomBytes(32))],
    ['a secret JWK', 'RS256', { kty: 'oct', k: 'AAAA' }],
    ['a JWK that is none', 'RS256', { kty: 'RSA', n: 'AQAB' }],
    ['text that is no key', 'RS256', 'secret'],
    [
      'PEM that holds no key',
      'RS256',
      '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
    ],
    ['a private key in PKCS#8 DER', 'RS256', der(rsa.privateKey, 'pkcs8')],
    ['a private key in PKCS#1 DER', 'RS256', der(rsa.privateKey, 'pkcs1')],
    ['a private key in SEC1 DER', 'ES256', der(ec.privateKey, 'sec1')],
    ['DER that holds no key', 'RS256', Buffer.from('3003020101', 'hex')],
    ['DER that is cut', 'RS256', der(rsa.publicKey, 'spki').subarray(0, -1)],
    ['no bytes', 'RS256', new Uint8Array()],
    ['DER as base64 text', 'RS256', der(rsa.publicKey, 'spki').toString('base64')],
    ['a JWK as text', 'RS256', JSON.stringify(jwk(rsa.publicKey))],
    ['a JWK with a private part that is cut', 'RS256', { ...jwk(rsa.publicKey), p: 'AQAB' }],
    ['an EC JWK off its curve', 'ES256', { ...jwk(ec.publicKey), y: jwk(ec.publicKey).x }],
    ['an Ed25519 JWK that is cut', 'EdDSA', { ...jwk(ed25519.publicKey), x: 'AAAA' }],
    ['a number', 'RS256', 1],
    ['null', 'RS256', null],
    ['a function', 'RS256', () => rsa.publicKey],
    ['an array', 'RS256', [rsa.publicKey]],
    ['an EC key for RS256', 'RS256', ec.publicKey],
    ['an EC key for PS256', 'PS256', ec.publicKey],
    ['an RSA key for ES256', 'ES256', rsa.publicKey],
    ['a P-256 key for ES384', 'ES384', ec.publicKey],
    ['a P-256 key for ES512', 'ES512', ec.publicKey],
    ['a P-384 key for ES256', 'ES256', createKeyPair('ES384').publicKey],
    [
      'a secp256k1 key for ES256',
      'ES256',
      generateKeyPair('ec', { namedCurve: 'secp256k1' }).publicKey,
    ],
    ['an Ed25519 key for ES256', 'ES256', generateKeyPair('ed25519').publicKey],
    ['an Ed25519 key for RS256', 'RS256', generateKeyPair('ed25519').publicKey],
    ['an X25519 key for ES256', 'ES256', generateKeyPair('x25519').publicKey],
    ['an Ed448 key for EdDSA', 'EdDSA', ed448],
    ['an X25519 key for EdDSA', 'EdDSA', generateKeyPair('x25519').publicKey],
    ['an EC key for EdDSA', 'EdDSA', ec.publicKey],
    ['an Ed448 key for Ed25519', 'Ed25519', ed448],
    ['an RSA key for Ed25519', 'Ed25519', rsa.publicKey],
    [
      'an RSA key of 1024 bits for RS256',
      'RS256',
      generateKeyPair('rsa', { modulusLength: 1_024 }).publicKey,
    ],
    [
      'an RSA key of 2040 bits for PS512',
      'PS512',
      generateKeyPair('rsa', { modulusLength: 2_040 }).publicKey,
    ],
    // With this exponent every text signs itself.
    ['an RSA key of exponent 1', 'RS256', { ...jwk(rsa.publicKey), e: 'AQ' }],
  ])('is refused by name when it is %s', (_what, algorithm, publicKey) => {
    const create = () => createWith([{ kid: '1', algorithm, publicKey }]);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(/keys\[0\]\.publicKey/);
  });

  it('is refused with its index in the array', () => {
    const good = { kid: '1', algorithm: 'RS256', publicKey: rsa.publicKey };
    const bad = { kid: '2', algorithm: 'RS256', publicKey: 'x' };
    expect(() => createWith([good, bad])).toThrow(/keys\[1\]\.publicKey/);
  });
});

describe('an RSA-PSS key', () => {
  // It has no form as a JWK, so no other service could verify what it signs.
  const { publicKey, privateKey } = generateKeyPair('rsa-pss', { modulusLength: 2_048 });

  it.each<Algorithm>(['PS256', 'PS512', 'RS256'])('is refused by name for %s', (algorithm) => {
    expect(() => createWith([{ kid: '1', algorithm, publicKey }])).toThrow(/keys\[0\]\.publicKey/);
    expect(() => createTestIssuer({ keys: [{ kid: '1', algorithm, privateKey }] })).toThrow(
      /keys\[0\]\.privateKey/,
    );
  });
});

describe('a secret', () => {
  const bytes = randomBytes(64);

  it.each<[string, Algorithm, SecretMaterial, string | Uint8Array]>([
    ['a Buffer', 'HS512', bytes, bytes],
    ['a Uint8Array', 'HS256', new Uint8Array(bytes), bytes],
    ['a KeyObject', 'HS384', createSecretKey(bytes), bytes],
    ['base64url', 'HS256', { base64url: bytes.toString('base64url') }, bytes],
    ['a JWK', 'HS512', { kty: 'oct', k: bytes.toString('base64url') }, bytes],
    [
      'text that looks like base64url, which stays text',
      'HS512',
      bytes.toString('base64url'),
      bytes.toString('base64url'),
    ],
    ['text of 32 bytes', 'HS256', 'x'.repeat(32), 'x'.repeat(32)],
    ['text whose UTF-8 has 32 bytes', 'HS256', 'ä'.repeat(16), 'ä'.repeat(16)],
    ['text that begins like DER', 'HS256', `0${'x'.repeat(40)}`, `0${'x'.repeat(40)}`],
    ['text that begins with a brace', 'HS256', `{${'x'.repeat(40)}`, `{${'x'.repeat(40)}`],
  ])('verifies when it is %s', async (_form, algorithm, secret, raw) => {
    const { token, verify, header } = createTestVerifier({
      keys: [{ kid: 'test', algorithm, secret }],
    });
    const good = token(
      {},
      { header: header({ alg: algorithm }), signer: signerFor(algorithm, raw) },
    );
    await expect(verify(good)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it.each<[Algorithm, number]>([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ])('for %s has at least %i bytes', (algorithm, length) => {
    const key = (size: number) => [{ kid: '1', algorithm, secret: randomBytes(size) }];
    expect(() => createWith(key(length))).not.toThrow();
    expect(() => createWith(key(length - 1))).toThrow(/keys\[0\]\.secret/);
    expect(() => createWith([{ kid: '1', algorithm, secret: '' }])).toThrow(/keys\[0\]\.secret/);
  });

  const spki = pem(rsa.publicKey, 'spki');
  it.each<[string, unknown]>([
    ['a public key in PEM', spki],
    ['a public key in PEM bytes', Buffer.from(spki)],
    ['a public key in PEM after white space', `\r\n  ${spki}`],
    ['a public key in PEM after a byte order mark', `\uFEFF${spki}`],
    ['a public key in PEM after a remark', `# staging\n${spki}`],
    ['a PKCS#1 public key in PEM', pem(rsa.publicKey, 'pkcs1')],
    ['an EC public key in PEM', pem(ec.publicKey, 'spki')],
    ['a private key in PEM', pem(rsa.privateKey, 'pkcs8')],
    [
      'a certificate in PEM',
      `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n-----END CERTIFICATE-----`,
    ],
    ['a secret KeyObject of a public key’s text', createSecretKey(Buffer.from(spki))],
    ['a JWK text', JSON.stringify(jwk(rsa.publicKey))],
    ['a JWK text with white space', ` ${JSON.stringify(jwk(ec.publicKey), undefined, 2)}`],
    ['a JWK set', JSON.stringify({ keys: [jwk(ec.publicKey)] })],
    ['a public key in SPKI DER', der(rsa.publicKey, 'spki')],
    ['a public key in PKCS#1 DER', der(rsa.publicKey, 'pkcs1')],
    ['an EC public key in DER', der(ec.publicKey, 'spki')],
    ['an OpenSSH key', `ssh-rsa ${'A'.repeat(64)} ada@example`],
    ['an OpenSSH EC key', `ecdsa-sha2-nistp256 ${'A'.repeat(64)}`],
    ['a public KeyObject', rsa.publicKey],
    ['a private KeyObject', rsa.privateKey],
    ['a JWK of another type', jwk(rsa.publicKey)],
    ['a JWK without a secret', { kty: 'oct' }],
    ['a JWK whose secret is too short', { kty: 'oct', k: randomBytes(31).toString('base64url') }],
    ['a JWK whose secret is padded', { kty: 'oct', k: bytes.toString('base64') }],
    ['base64url that is too short', { base64url: randomBytes(31).toString('base64url') }],
    ['base64url with padding', { base64url: `${bytes.toString('base64url')}==` }],
    ['base64', { base64url: Buffer.alloc(33, 0xff).toString('base64') }],
    ['base64url with bits to spare', { base64url: `${'A'.repeat(85)}B` }],
    ['empty base64url', { base64url: '' }],
    ['base64url that is a number', { base64url: 1 }],
    ['base64url beside something else', { base64url: 'A'.repeat(64), encoding: 'utf8' }],
    ['base64url of a public key', { base64url: der(ec.publicKey, 'spki').toString('base64url') }],
    ['an object', { secret: bytes }],
    ['a private key in PKCS#8 DER', der(rsa.privateKey, 'pkcs8')],
    ['a private key in SEC1 DER', der(ec.privateKey, 'sec1')],
    ['the base64 of a public key', der(rsa.publicKey, 'spki').toString('base64')],
    ['the base64 of an EC public key', der(ec.publicKey, 'spki').toString('base64')],
    ['the base64 of an Ed25519 public key', der(ed25519.publicKey, 'spki').toString('base64')],
    ['the base64 of an EC private key', der(ec.privateKey, 'pkcs8').toString('base64')],
    ['a number', 12_345_678_901],
    ['null', null],
    ['an array of bytes', [...bytes]],
    ['an ArrayBuffer', new ArrayBuffer(64)],
  ])('is refused by name when it is %s', (_what, secret) => {
    const create = () => createWith([{ kid: '1', algorithm: 'HS256', secret }]);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(/keys\[0\]\.secret/);
  });
});

describe('a private key', () => {
  const [other, otherRsa] = [createKeyPair('ES256'), createKeyPair('RS256')].map(({ publicKey }) =>
    jwk(publicKey),
  ) as [JsonWebKey, JsonWebKey];

  it.each<[string, SigningKeyOptions]>([
    ['a KeyObject', { kid: '1', algorithm: 'RS256', privateKey: rsa.privateKey }],
    ['PKCS#8 PEM', { kid: '1', algorithm: 'PS256', privateKey: pem(rsa.privateKey, 'pkcs8') }],
    ['PKCS#1 PEM', { kid: '1', algorithm: 'RS512', privateKey: pem(rsa.privateKey, 'pkcs1') }],
    ['SEC1 PEM', { kid: '1', algorithm: 'ES256', privateKey: pem(ec.privateKey, 'sec1') }],
    [
      'PEM bytes',
      { kid: '1', algorithm: 'ES256', privateKey: Buffer.from(pem(ec.privateKey, 'pkcs8')) },
    ],
    ['PKCS#8 DER', { kid: '1', algorithm: 'RS256', privateKey: der(rsa.privateKey, 'pkcs8') }],
    ['PKCS#1 DER', { kid: '1', algorithm: 'RS256', privateKey: der(rsa.privateKey, 'pkcs1') }],
    ['SEC1 DER', { kid: '1', algorithm: 'ES256', privateKey: der(ec.privateKey, 'sec1') }],
    ['Ed25519 PEM', { kid: '1', algorithm: 'EdDSA', privateKey: pem(ed25519.privateKey, 'pkcs8') }],
    ['Ed25519 DER', { kid: '1', algorithm: 'EdDSA', privateKey: der(ed25519.privateKey, 'pkcs8') }],
    ['an Ed25519 JWK', { kid: '1', algorithm: 'Ed25519', privateKey: jwk(ed25519.privateKey) }],
    ['base64url', { kid: '1', algorithm: 'HS256', secret: { base64url: 'A'.repeat(43) } }],
    ['a JWK', { kid: '1', algorithm: 'ES256', privateKey: jwk(ec.privateKey) }],
    ['a secret', { kid: '1', algorithm: 'HS384', secret: randomBytes(48) }],
  ])('signs tokens that its issuer verifies when it is given as %s', async (_form, key) => {
    const { tokens } = createTestIssuer({ keys: [key] });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toMatchObject({
      subject: 'u_1',
    });
  });

  it.each<[string, Algorithm, unknown]>([
    ['a public KeyObject', 'RS256', rsa.publicKey],
    ['a secret KeyObject', 'RS256', createSecretKey(randomBytes(32))],
    ['a public key in PEM', 'RS256', pem(rsa.publicKey, 'spki')],
    ['a public JWK', 'ES256', jwk(ec.publicKey)],
    ['a JWK that is none', 'ES256', { kty: 'EC', d: 'AAAA' }],
    ['a public key in DER', 'RS256', der(rsa.publicKey, 'spki')],
    ['a secret JWK', 'ES256', { kty: 'oct', k: 'A'.repeat(43) }],
    // Node takes these as they are, and no signature of them could be verified.
    ['an EC JWK of two keys', 'ES256', { ...jwk(ec.privateKey), x: other.x, y: other.y }],
    ['an RSA JWK of two keys', 'RS256', { ...jwk(rsa.privateKey), n: otherRsa.n }],
    ['an Ed448 key for EdDSA', 'EdDSA', generateKeyPair('ed448').privateKey],
    ['an X25519 key for EdDSA', 'EdDSA', generateKeyPair('x25519').privateKey],
    ['text', 'RS256', 'secret'],
    [
      'PEM that holds no key',
      'RS256',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
    ],
    [
      'an encrypted key',
      'RS256',
      rsa.privateKey.export({
        format: 'pem',
        type: 'pkcs8',
        cipher: 'aes-256-cbc',
        passphrase: 'secret',
      }),
    ],
    ['an RSA key for ES256', 'ES256', rsa.privateKey],
    ['an EC key for RS256', 'RS256', ec.privateKey],
    ['a P-256 key for ES384', 'ES384', ec.privateKey],
    [
      'an RSA key of 1024 bits',
      'RS256',
      generateKeyPair('rsa', { modulusLength: 1_024 }).privateKey,
    ],
  ])('is refused by name when it is %s', (_what, algorithm, privateKey) => {
    const keys = [{ kid: '1', algorithm, privateKey }] as unknown as [SigningKeyOptions];
    expect(() => createTestIssuer({ keys })).toThrow(TypeError);
    expect(() => createTestIssuer({ keys })).toThrow(/keys\[0\]\.privateKey/);
  });

  it.each([pem(rsa.privateKey, 'pkcs8'), pem(ec.privateKey, 'sec1')])(
    'never appears in a message of a verifier, which refuses it',
    (privateKey) => {
      for (const key of [{ privateKey }, { publicKey: privateKey }, { secret: privateKey }]) {
        for (const algorithm of ['HS256', 'RS256', 'ES256']) {
          let message = '';
          try {
            createWith([{ kid: '1', algorithm, ...key }]);
          } catch (error) {
            message = inspect(error);
          }
          expect(message).toContain('TypeError');
          expect(message).not.toContain(privateKey.split('\n')[1]);
        }
      }
    },
  );
});
