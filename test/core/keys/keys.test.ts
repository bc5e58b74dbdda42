import { createPublicKey, randomBytes, type KeyObject } from 'node:crypto';

import {
  createTokenVerifier,
  issueTokenPair,
  keyThumbprint,
  verifyBearer,
  type Algorithm,
  type KeyState,
  type SigningKeyOptions,
  type OneIssuerOptions,
  type TokenIssuer,
  type TokenIssuerOptions,
} from '@tokenpair/core';

import { importSigningKeys, type KeySet } from '../../../packages/core/src/keys/keys.js';
import { importVerificationKeys } from '../../../packages/core/src/keys/verifier-keys.js';
import { signerFor } from '../../support/forge.js';
import { createTestIssuer } from '../../support/issuer.js';
import { createKeyPair } from '../../support/keys.js';
import { createTestVerifier } from '../../support/verifier.js';
import { generateKeyPair } from '../../support/key-pair.js';

const signingKeysOf = (keys: unknown) => importSigningKeys(keys, 0);

const rsa = createKeyPair('RS256');
const ec = createKeyPair('ES256');
const ed448 = generateKeyPair('ed448').publicKey;
const jwk = (key: KeyObject) => key.export({ format: 'jwk' });

/** Verifies with these keys and nothing else. */
function createWith(keys: unknown): void {
  createTokenVerifier({
    issuer: 'i',
    audience: 'a',
    keys: keys as OneIssuerOptions['keys'],
  });
}

const kidsOf = (keys: unknown) => [...importVerificationKeys(keys).byKid.keys()];
const issuerOf = (keys: unknown[]) =>
  createTestIssuer({ keys: keys as unknown as TokenIssuerOptions['keys'] });
const statesOf = ({ byKid }: KeySet) => [...byKid.values()].map(({ kid, state }) => [kid, state]);

async function signedBy({ tokens }: { tokens: TokenIssuer }) {
  const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
  const [header = ''] = accessToken.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  return { kid, accessToken };
}

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
    ['an unknown state', { kid: '1', algorithm: 'HS256', secret, state: 'old' }, /state/],
    ['an unknown option', { kid: '1', alg: 'HS256', secret }, /alg/],
    ['null for a key', null, /keys\[0\]/],
    ['a KeyObject for a key', [rsa.publicKey], /keys\[0\]/],
  ])('are refused by name with %s', (_what, key, name) => {
    expect(() => createWith([key])).toThrow(TypeError);
    expect(() => createWith([key])).toThrow(/keys\[0\]/);
    expect(() => createWith([key])).toThrow(name);
  });

  it('must have different kids', () => {
    const [a, A, b] = ['a', 'A', 'b'].map((kid) => ({ kid, algorithm: 'HS256', secret }));
    expect(() => createWith([a, A, b])).not.toThrow();
    expect(() => createWith([a, b, a])).toThrow(/'a'/);
  });

  it('verify side by side, each under its own kid, until they are removed', async () => {
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

describe('the kid of a key', () => {
  const secret = randomBytes(64);
  const publicKey = { ...jwk(ec.publicKey), alg: 'ES256', kid: 'own' };

  it.each<[string, Algorithm, Parameters<typeof keyThumbprint>[0]]>([
    ['RSA', 'RS256', { publicKey: rsa.publicKey }],
    ['EC', 'ES256', { publicKey: ec.publicKey }],
    ['Ed25519', 'EdDSA', { publicKey: createKeyPair('EdDSA').publicKey }],
    ['shared', 'HS256', { secret }],
  ])('is the thumbprint of a single %s key without one', (_kind, algorithm, key) => {
    expect(kidsOf([{ algorithm, ...key }])).toEqual([keyThumbprint(key)]);
  });

  it('is the same at an issuer and at a verifier of its public key when neither gives one', async () => {
    const { tokens, clock } = createTestIssuer({
      keys: [{ algorithm: 'ES256', privateKey: ec.privateKey }],
    });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { verify } = createTestVerifier({
      clock: clock.now,
      keys: [{ algorithm: 'ES256', publicKey: ec.publicKey }],
    });
    await expect(verify(accessToken)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it.each([0, 1, 2])('is required of key %i of several', (index) => {
    const keys = ['a', 'b', 'c'].map((kid) => ({ kid, algorithm: 'HS256', secret }));
    const without = keys.map((key, at) => (at === index ? { ...key, kid: undefined } : key));
    for (const create of [importVerificationKeys, signingKeysOf]) {
      expect(() => create(without)).toThrow(TypeError);
      expect(() => create(without)).toThrow(`keys[${index}].kid`);
    }
  });

  it('is the kid of the JWK, for one key and for several', () => {
    const another = { ...jwk(rsa.publicKey), alg: 'RS256', kid: 'another' };
    expect(kidsOf([{ publicKey }])).toEqual(['own']);
    expect(kidsOf([{ publicKey }, { publicKey: another }])).toEqual(['own', 'another']);
    expect(kidsOf([{ kid: 'own', publicKey }])).toEqual(['own']);
  });

  it.each([
    ['another one beside it', { kid: 'another', publicKey }],
    ['an empty one in the JWK', { publicKey: { ...publicKey, kid: '' } }],
    ['a number in the JWK', { publicKey: { ...publicKey, kid: 1 } }],
    ['one in the JWK that is too long', { publicKey: { ...publicKey, kid: 'x'.repeat(257) } }],
  ])('is refused by name with %s', (_what, key) => {
    expect(() => importVerificationKeys([key])).toThrow(TypeError);
    expect(() => importVerificationKeys([key])).toThrow('keys[0].publicKey.kid');
  });
});

describe('the algorithm of a key', () => {
  const secret = { kty: 'oct', k: randomBytes(64).toString('base64url') };
  const publicKey = { ...jwk(rsa.publicKey), alg: 'PS256' };

  it('is the alg of the JWK when the option is left out', () => {
    const { algorithms } = importVerificationKeys([
      { kid: '1', publicKey },
      { kid: '2', secret: { ...secret, alg: 'HS384' } },
      { kid: '3', algorithm: 'RS256', publicKey: jwk(rsa.publicKey) },
    ]);
    expect([...algorithms]).toEqual(['PS256', 'HS384', 'RS256']);
  });

  it.each<[string, object, string]>([
    ['another one beside it', { algorithm: 'RS256', publicKey }, 'keys[0].publicKey.alg'],
    [
      'the other word for Ed25519 beside it',
      {
        algorithm: 'Ed25519',
        publicKey: { ...jwk(createKeyPair('EdDSA').publicKey), alg: 'EdDSA' },
      },
      'keys[0].publicKey.alg',
    ],
    [
      'one in the JWK that encrypts',
      { publicKey: { ...publicKey, alg: 'RSA-OAEP' } },
      'keys[0].publicKey.alg',
    ],
    ['none in the JWK', { publicKey: { ...publicKey, alg: 'none' } }, 'keys[0].publicKey.alg'],
    ['no word at all', { publicKey: jwk(rsa.publicKey) }, 'keys[0].algorithm'],
    ['no word beside PEM', { publicKey: rsa.publicKey }, 'keys[0].algorithm'],
    ['a wrong word beside it', { algorithm: 'PS', publicKey }, 'keys[0].algorithm'],
    ['one of another kind of key', { publicKey: { ...publicKey, alg: 'ES256' } }, 'ES256'],
    [
      'one for a secret in a public JWK',
      { publicKey: { ...publicKey, alg: 'HS256' } },
      'HS256 needs a secret, not a publicKey',
    ],
    ['one of pairs in a secret JWK', { secret: { ...secret, alg: 'RS256' } }, 'RS256'],
  ])('is refused by name with %s', (_what, key, name) => {
    expect(() => importVerificationKeys([key])).toThrow(TypeError);
    expect(() => importVerificationKeys([key])).toThrow(name);
  });
});

describe('what a JWK is for', () => {
  const publicKey = { ...jwk(ec.publicKey), alg: 'ES256' };
  const privateKey = { ...jwk(ec.privateKey), alg: 'ES256' };
  const secret = { kty: 'oct', k: randomBytes(32).toString('base64url'), alg: 'HS256' };

  it.each([
    { publicKey: { ...publicKey, use: 'sig' } },
    { publicKey: { ...publicKey, key_ops: ['verify'] } },
    { publicKey: { ...publicKey, use: 'sig', key_ops: ['verify', 'sign'] } },
    { secret: { ...secret, use: 'sig', key_ops: ['verify'] } },
  ])('may be to verify: %j', (key) => {
    expect(importVerificationKeys([key]).byKid.size).toBe(1);
  });

  it.each([
    { privateKey: { ...privateKey, use: 'sig' } },
    { privateKey: { ...privateKey, key_ops: ['sign'] } },
    { secret: { ...secret, key_ops: ['sign', 'verify'] } },
  ])('may be to sign: %j', (key) => {
    expect(signingKeysOf([key]).signingKey.signingKey).toBeDefined();
  });

  it.each<[string, object]>([
    ['publicKey.use', { publicKey: { ...publicKey, use: 'enc' } }],
    ['publicKey.use', { publicKey: { ...publicKey, use: ['sig'] } }],
    ['publicKey.use', { publicKey: { ...publicKey, use: '' } }],
    ['publicKey.key_ops', { publicKey: { ...publicKey, key_ops: ['sign'] } }],
    ['publicKey.key_ops', { publicKey: { ...publicKey, key_ops: 'verify' } }],
    ['publicKey.key_ops', { publicKey: { ...publicKey, key_ops: [] } }],
    ['secret.use', { secret: { ...secret, use: 'enc' } }],
    ['secret.key_ops', { secret: { ...secret, key_ops: ['sign'] } }],
  ])('must allow a verifier to verify: %s is refused', (name, key) => {
    expect(() => importVerificationKeys([key])).toThrow(TypeError);
    expect(() => importVerificationKeys([key])).toThrow(`keys[0].${name}`);
  });

  it.each<[string, object]>([
    ['privateKey.use', { privateKey: { ...privateKey, use: 'enc' } }],
    ['privateKey.key_ops', { privateKey: { ...privateKey, key_ops: ['verify', 'deriveKey'] } }],
  ])('must allow an issuer to sign: %s is refused', (name, key) => {
    expect(() => signingKeysOf([key])).toThrow(TypeError);
    expect(() => signingKeysOf([key])).toThrow(`keys[0].${name}`);
  });

  it('stops a secret with key_ops verify from signing, not from verifying', () => {
    const verifyOnly = { kid: '1', secret: { ...secret, key_ops: ['verify'] } };
    expect(() => signingKeysOf([verifyOnly])).toThrow('keys[0]');
    const signing = { kid: '2', algorithm: 'ES256', privateKey: ec.privateKey };
    const { byKid } = signingKeysOf([signing, verifyOnly]);
    expect(byKid.get('1')).toMatchObject({ signingKey: undefined, algorithm: 'HS256' });
  });
});

describe('the keys of an issuer', () => {
  const verifyOnly = { kid: 'old', algorithm: 'RS256' as const, publicKey: rsa.publicKey };

  it('must begin with a key that can sign', () => {
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

  it('must have one key material each', () => {
    const two = { kid: '1', algorithm: 'RS256', ...rsa } as unknown as SigningKeyOptions;
    expect(() => createTestIssuer({ keys: [two] })).toThrow(/keys\[0\]/);
  });

  it('are verified elsewhere with the public key alone', async () => {
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

describe('the state of a key', () => {
  const pairs = { a: createKeyPair('ES256'), b: createKeyPair('ES256'), c: createKeyPair('ES256') };
  type Kid = keyof typeof pairs;
  const named = (kid: Kid, state?: KeyState) => ({ kid, algorithm: 'ES256' as const, state });
  const key = (kid: Kid, state?: KeyState) => ({
    ...named(kid, state),
    privateKey: pairs[kid].privateKey,
  });
  const publicKey = (kid: Kid, state?: KeyState) => ({
    ...named(kid, state),
    publicKey: pairs[kid].publicKey,
  });
  it('is current for the first and retiring for the rest where none is given', () => {
    expect(statesOf(signingKeysOf([key('a'), key('b'), publicKey('c')]))).toEqual([
      ['a', 'current'],
      ['b', 'retiring'],
      ['c', 'retiring'],
    ]);
  });

  it.each<[string, unknown[]]>([
    ['first', [key('b', 'current'), key('a', 'next'), key('c', 'retiring')]],
    ['second', [key('a', 'next'), key('b', 'current'), key('c', 'retiring')]],
    ['last', [publicKey('a', 'next'), publicKey('c', 'retiring'), key('b', 'current')]],
  ])('decides which key signs: the current one, also when it is the %s', async (_where, keys) => {
    expect((await signedBy(issuerOf(keys))).kid).toBe('b');
  });

  it.each<KeyState>(['next', 'retiring'])(
    'does not stop a key that is %s from verifying',
    async (state) => {
      const before = issuerOf([key('a')]);
      const { accessToken } = await signedBy(before);
      const { tokens } = createTestIssuer({
        clock: before.clock.now,
        keys: [key('b', 'current'), publicKey('a', state)],
      });
      await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toMatchObject({
        subject: 'u_1',
      });
    },
  );

  it('may be next or retiring for any number of keys', () => {
    const keys = [key('a', 'next'), key('b', 'current'), publicKey('c', 'next')];
    expect(statesOf(signingKeysOf(keys))).toEqual([
      ['a', 'next'],
      ['b', 'current'],
      ['c', 'next'],
    ]);
  });

  it.each<[string, unknown[], string]>([
    ['one of the keys has none', [key('a', 'current'), key('b')], 'keys[1].state'],
    ['only the last has one', [key('a'), key('b', 'retiring')], 'keys[0].state'],
    ['none is current', [key('a', 'next'), key('b', 'retiring')], "'current'"],
    ['a single key is next', [key('a', 'next')], "'current'"],
    ['two are current', [key('a', 'current'), key('b', 'current')], "'current'"],
    ['the current one cannot sign', [key('a', 'next'), publicKey('b', 'current')], 'keys[1]'],
    ['it is no state', [{ ...key('a'), state: 'Current' }], 'keys[0].state'],
    ['it is null', [{ ...key('a'), state: null }], 'keys[0].state'],
  ])('is refused by name when %s', (_what, keys, name) => {
    expect(() => issuerOf(keys)).toThrow(TypeError);
    expect(() => issuerOf(keys)).toThrow(name);
  });

  it('is kept by a verifier, which verifies with keys in every state', () => {
    const keys = [publicKey('a', 'next'), publicKey('b'), publicKey('c', 'retiring')];
    expect(statesOf(importVerificationKeys(keys))).toEqual([
      ['a', 'next'],
      ['b', undefined],
      ['c', 'retiring'],
    ]);
  });

  it('allows one array of secrets for an issuer and a verifier', async () => {
    const secrets = (['next', 'current', 'retiring'] as const).map((state) => ({
      kid: state,
      algorithm: 'HS256' as const,
      secret: randomBytes(32),
      state,
    }));
    const issuer = issuerOf(secrets);
    const { kid, accessToken } = await signedBy(issuer);
    expect(kid).toBe('current');
    const { verify } = createTestVerifier({ clock: issuer.clock.now, keys: secrets });
    await expect(verify(accessToken)).resolves.toMatchObject({ subject: 'u_1' });
  });
});
