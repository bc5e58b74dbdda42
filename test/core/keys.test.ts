import {
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
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

import { signerFor } from '../support/forge.js';
import { createTestIssuer } from '../support/issuer.js';
import { createKeyPair } from '../support/keys.js';
import { createTestVerifier } from '../support/verifier.js';

const rsa = createKeyPair('RS256');
const ec = createKeyPair('ES256');
const ed448 = generateKeyPairSync('ed448').publicKey;
const ed25519 = createKeyPair('EdDSA');
const pem = (key: KeyObject, type: 'spki' | 'pkcs1' | 'pkcs8' | 'sec1') =>
  key.export({ format: 'pem', type } as never) as string;
const der = (key: KeyObject, type: 'spki' | 'pkcs1' | 'pkcs8') =>
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
    ['an RSA JWK with members more', 'PS256', { ...jwk(rsa.publicKey), kid: 'x', use: 'sig' }],
    ['an EC KeyObject', 'ES256', ec.publicKey],
    ['EC PEM text', 'ES256', pem(ec.publicKey, 'spki')],
    ['an EC JWK', 'ES256', jwk(ec.publicKey)],
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
    ['DER', 'RS256', der(rsa.publicKey, 'spki')],
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
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
    ],
    ['an Ed25519 key for ES256', 'ES256', generateKeyPairSync('ed25519').publicKey],
    ['an Ed25519 key for RS256', 'RS256', generateKeyPairSync('ed25519').publicKey],
    ['an X25519 key for ES256', 'ES256', generateKeyPairSync('x25519').publicKey],
    ['an Ed448 key for EdDSA', 'EdDSA', ed448],
    ['an X25519 key for EdDSA', 'EdDSA', generateKeyPairSync('x25519').publicKey],
    ['an EC key for EdDSA', 'EdDSA', ec.publicKey],
    ['an Ed448 key for Ed25519', 'Ed25519', ed448],
    ['an RSA key for Ed25519', 'Ed25519', rsa.publicKey],
    [
      'an RSA key of 1024 bits for RS256',
      'RS256',
      generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey,
    ],
    [
      'an RSA key of 2040 bits for PS512',
      'PS512',
      generateKeyPairSync('rsa', { modulusLength: 2_040 }).publicKey,
    ],
    // With this exponent every text signs itself.
    ['an RSA key of exponent 1', 'RS256', { ...jwk(rsa.publicKey), e: 'AQ' }],
  ])('is refused by name when it is %s', (_what, algorithm, publicKey) => {
    const create = () => createWith([{ kid: '1', algorithm, publicKey }]);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(/keys\[0\]\.publicKey/);
  });

  it('is refused by name at its place in the list', () => {
    const good = { kid: '1', algorithm: 'RS256', publicKey: rsa.publicKey };
    const bad = { kid: '2', algorithm: 'RS256', publicKey: 'x' };
    expect(() => createWith([good, bad])).toThrow(/keys\[1\]\.publicKey/);
  });
});

describe('an RSA-PSS key', () => {
  // It has no form as a JWK, so nobody else could verify what it signs.
  it.each<Algorithm>(['PS256', 'PS512', 'RS256'])('is refused by name for %s', (algorithm) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2_048 });
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
    ['a JWK', { kty: 'oct', k: bytes.toString('base64url') }],
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
  it.each<[string, SigningKeyOptions]>([
    ['a KeyObject', { kid: '1', algorithm: 'RS256', privateKey: rsa.privateKey }],
    ['PKCS#8 PEM', { kid: '1', algorithm: 'PS256', privateKey: pem(rsa.privateKey, 'pkcs8') }],
    ['PKCS#1 PEM', { kid: '1', algorithm: 'RS512', privateKey: pem(rsa.privateKey, 'pkcs1') }],
    ['SEC1 PEM', { kid: '1', algorithm: 'ES256', privateKey: pem(ec.privateKey, 'sec1') }],
    [
      'PEM bytes',
      { kid: '1', algorithm: 'ES256', privateKey: Buffer.from(pem(ec.privateKey, 'pkcs8')) },
    ],
    ['a JWK', { kid: '1', algorithm: 'ES256', privateKey: jwk(ec.privateKey) }],
    ['a secret', { kid: '1', algorithm: 'HS384', secret: randomBytes(48) }],
  ])('signs what its issuer verifies, given as %s', async (_form, key) => {
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
      generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey,
    ],
  ])('is refused by name when it is %s', (_what, algorithm, privateKey) => {
    const keys = [{ kid: '1', algorithm, privateKey }] as unknown as [SigningKeyOptions];
    expect(() => createTestIssuer({ keys })).toThrow(TypeError);
    expect(() => createTestIssuer({ keys })).toThrow(/keys\[0\]\.privateKey/);
  });

  it.each([pem(rsa.privateKey, 'pkcs8'), pem(ec.privateKey, 'sec1')])(
    'is in no message of a verifier, which has no use for it',
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

describe('the keys of a verifier', () => {
  const secret = randomBytes(64);

  it.each<[string, unknown, RegExp]>([
    ['a private key', { kid: '1', algorithm: 'RS256', privateKey: rsa.privateKey }, /privateKey/],
    ['no material', { kid: '1', algorithm: 'RS256' }, /publicKey, secret/],
    [
      'two materials',
      { kid: '1', algorithm: 'HS256', secret, publicKey: rsa.publicKey },
      /publicKey, secret/,
    ],
    ['a secret for RS256', { kid: '1', algorithm: 'RS256', secret }, /RS256/],
    ['a secret for ES256', { kid: '1', algorithm: 'ES256', secret }, /ES256/],
    ['a public key for HS256', { kid: '1', algorithm: 'HS256', publicKey: rsa.publicKey }, /HS256/],
    ['no kid', { algorithm: 'HS256', secret }, /kid/],
    ['an empty kid', { kid: '', algorithm: 'HS256', secret }, /kid/],
    ['a kid that is a number', { kid: 1, algorithm: 'HS256', secret }, /kid/],
    ['a kid that is too long', { kid: 'x'.repeat(257), algorithm: 'HS256', secret }, /kid/],
    ['no algorithm', { kid: '1', secret }, /algorithm/],
    ['the algorithm none', { kid: '1', algorithm: 'none', secret }, /algorithm/],
    ['an algorithm in small letters', { kid: '1', algorithm: 'hs256', secret }, /algorithm/],
    ['a secret for EdDSA', { kid: '1', algorithm: 'EdDSA', secret }, /EdDSA/],
    ['the algorithm Ed448', { kid: '1', algorithm: 'Ed448', publicKey: ed448 }, /algorithm/],
    ['the algorithm ES256K', { kid: '1', algorithm: 'ES256K', secret }, /algorithm/],
    ['the algorithm constructor', { kid: '1', algorithm: 'constructor', secret }, /algorithm/],
    ['several algorithms', { kid: '1', algorithm: ['HS256', 'HS512'], secret }, /algorithm/],
    ['an unknown option', { kid: '1', alg: 'HS256', secret }, /alg/],
    ['null for a key', null, /keys\[0\]/],
    ['a KeyObject for a key', [rsa.publicKey], /keys\[0\]/],
  ])('are refused by name with %s', (_what, key, name) => {
    expect(() => createWith([key])).toThrow(TypeError);
    expect(() => createWith([key])).toThrow(/keys\[0\]/);
    expect(() => createWith([key])).toThrow(name);
  });

  it('have a kid each', () => {
    const [a, A, b] = ['a', 'A', 'b'].map((kid) => ({ kid, algorithm: 'HS256', secret }));
    expect(() => createWith([a, A, b])).not.toThrow();
    expect(() => createWith([a, b, a])).toThrow(/'a'/);
  });

  it('verify side by side, each under its own name, and no longer once taken out', async () => {
    const [oldSecret, newSecret] = [randomBytes(32), randomBytes(32)];
    const keys = [
      { kid: 'new', algorithm: 'HS256' as const, secret: newSecret },
      { kid: 'old', algorithm: 'HS256' as const, secret: oldSecret },
    ];
    const both = createTestVerifier({ keys });
    const byOld = both.token(
      {},
      { header: both.header({ kid: 'old' }), signer: signerFor('HS256', oldSecret) },
    );
    await expect(both.verify(byOld)).resolves.toMatchObject({ subject: 'u_1' });
    const crossed = both.token(
      {},
      { header: both.header({ kid: 'new' }), signer: signerFor('HS256', oldSecret) },
    );
    await expect(both.verify(crossed)).rejects.toMatchObject({ check: 'signature' });
    const after = createTestVerifier({ keys: keys.slice(0, 1) });
    await expect(after.verify(byOld)).rejects.toMatchObject({ check: 'key' });
  });

  it('are looked up as they are, even when their kid is a name of Object.prototype', async () => {
    const { token, verify, header, signer, secret: bytes } = createTestVerifier();
    const odd = createTestVerifier({
      keys: [{ kid: '__proto__', algorithm: 'HS256', secret: bytes }],
    });
    const named = `{"alg":"HS256","typ":"at+jwt","kid":"__proto__"}`;
    await expect(odd.verify(token({}, { header: named, signer }))).resolves.toMatchObject({
      subject: 'u_1',
    });
    await expect(verify(token({}, { header: header({ kid: '__proto__' }) }))).rejects.toMatchObject(
      {
        check: 'key',
      },
    );
  });
});

describe('the keys of an issuer', () => {
  const verifyOnly = { kid: 'old', algorithm: 'RS256' as const, publicKey: rsa.publicKey };

  it('begin with one that can sign', () => {
    const keys = [verifyOnly] as unknown as [SigningKeyOptions];
    expect(() => createTestIssuer({ keys })).toThrow(/keys\[0\]/);
    expect(() => createTestIssuer({ keys: [] as unknown as [SigningKeyOptions] })).toThrow(/keys/);
  });

  it('sign with the first and verify with the rest', async () => {
    const first: SigningKeyOptions = { kid: 'new', algorithm: 'ES256', privateKey: ec.privateKey };
    const { tokens, another } = createTestIssuer({ keys: [first, verifyOnly] });
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    const header = JSON.parse(
      Buffer.from(pair.accessToken.split('.')[0] as string, 'base64url').toString(),
    ) as unknown;
    expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'new' });
    const old = another({
      keys: [{ kid: 'old', algorithm: 'RS256', privateKey: rsa.privateKey }],
    });
    const { accessToken } = await issueTokenPair(old, { subject: 'u_2' });
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toMatchObject({
      subject: 'u_2',
    });
  });

  it('have one material each', () => {
    const two = { kid: '1', algorithm: 'RS256', ...rsa } as unknown as SigningKeyOptions;
    expect(() => createTestIssuer({ keys: [two] })).toThrow(/keys\[0\]/);
  });

  it('verify elsewhere with no more than their public half', async () => {
    const { tokens, clock } = createTestIssuer({
      keys: [{ kid: '1', algorithm: 'ES256', privateKey: ec.privateKey }],
    });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { verify } = createTestVerifier({
      clock: clock.now,
      keys: [{ kid: '1', algorithm: 'ES256', publicKey: createPublicKey(ec.privateKey) }],
    });
    await expect(verify(accessToken)).resolves.toMatchObject({ subject: 'u_1' });
  });
});
