// The option keys of a verifier: JWK Sets as they are, and keys from several places.

import { randomBytes } from 'node:crypto';

import { loadedKeySet, remoteKeySet, type VerifierKeys } from '@tokenpair/core';

import { forge, signerFor } from '../../support/forge.js';
import { startKeyEndpoint, type KeyEndpoint } from '../../support/key-endpoint.js';
import { createKeyPair, createTestKey } from '../../support/keys.js';
import { createTestVerifier } from '../../support/verifier.js';

const ec = createKeyPair('ES256');
const other = createKeyPair('ES256');
const rsa = createKeyPair('RS256');
const ed = createKeyPair('EdDSA');
const secret = randomBytes(32);
const jwkOf = ({ publicKey } = ec, members = {}) => ({
  ...publicKey.export({ format: 'jwk' }),
  ...members,
});
const privateJwk = { ...ec.privateKey.export({ format: 'jwk' }), kid: 'p' };
const oct = { kty: 'oct', k: secret.toString('base64url') };

function createWith(keys: unknown) {
  const given = createTestVerifier({ keys: keys as VerifierKeys });
  const ask = (
    header: { alg: 'ES256' | 'RS256' | 'EdDSA' | 'HS256' | 'PS256'; kid?: string },
    key: Parameters<typeof signerFor>[1],
  ) =>
    given.verify(
      forge({
        header: { typ: 'at+jwt', ...header },
        payload: given.claims(),
        signer: signerFor(header.alg, key),
      }),
    );
  return { ...given, ask };
}

const good = { subject: 'u_1' };

describe('a JWK Set document as the keys of a verifier', () => {
  const document = {
    keys: [
      jwkOf(ec, { kid: 'e', use: 'sig', alg: 'ES256' }),
      jwkOf(rsa, { kid: 'r', use: 'sig', x5c: ['AAAA'], x5t: 'x' }),
      jwkOf(ed, { kid: 'd', alg: 'EdDSA', key_ops: ['verify'] }),
      { ...oct, kid: 'h', alg: 'HS256' },
      jwkOf(rsa, { kid: 'enc', use: 'enc', alg: 'RSA-OAEP' }),
      { kty: 'AKP', kid: 'pq', alg: 'ML-DSA-44', pub: 'AAAA' },
      { kty: 'EC', crv: 'secp256k1', x: 'AAAA', y: 'AAAA', kid: 'k1' },
    ],
    note: 'members beside keys are ignored',
  };

  it.each<[string, unknown]>([
    ['alone', document],
    ['in an array', [document]],
    ['parsed from JSON', JSON.parse(JSON.stringify(document))],
    ['beside another key', [document, createTestKey('HS256', 'own').verification]],
    ['from loadedKeySet', loadedKeySet(async () => document)],
    ['from loadedKeySet, in an array', loadedKeySet(async () => [document])],
  ])('verifies with each key that can be used: %s', async (_how, keys) => {
    const { ask } = createWith(keys);
    await expect(ask({ alg: 'ES256', kid: 'e' }, ec.privateKey)).resolves.toMatchObject(good);
    await expect(ask({ alg: 'RS256', kid: 'r' }, rsa.privateKey)).resolves.toMatchObject(good);
    await expect(ask({ alg: 'EdDSA', kid: 'd' }, ed.privateKey)).resolves.toMatchObject(good);
    await expect(ask({ alg: 'HS256', kid: 'h' }, secret)).resolves.toMatchObject(good);
    for (const kid of ['enc', 'pq', 'k1']) {
      await expect(ask({ alg: 'RS256', kid }, rsa.privateKey)).rejects.toMatchObject({
        code: 'token_key_unknown',
      });
    }
  });

  it('uses an RSA key without alg for RS256 only', async () => {
    const { ask } = createWith({ keys: [jwkOf(rsa, { kid: 'r' })] });
    await expect(ask({ alg: 'PS256', kid: 'r' }, rsa.privateKey)).rejects.toMatchObject({
      check: 'algorithm',
    });
  });

  it('never verifies with a public key as a secret', async () => {
    const { ask } = createWith(document);
    const pem = ec.publicKey.export({ type: 'spki', format: 'pem' });
    await expect(ask({ alg: 'HS256', kid: 'e' }, pem)).rejects.toMatchObject({
      check: 'algorithm',
    });
  });

  it('can replace the keys of a verifier', async () => {
    const { ask, verifier } = createWith({ keys: [jwkOf(ec, { kid: 'e' })] });
    verifier.replaceKeys({ keys: [jwkOf(other, { kid: 'o' })] });
    await expect(ask({ alg: 'ES256', kid: 'e' }, ec.privateKey)).rejects.toMatchObject({
      code: 'token_key_unknown',
    });
    await expect(ask({ alg: 'ES256', kid: 'o' }, other.privateKey)).resolves.toMatchObject(good);
  });

  it.each<[string, unknown, RegExp]>([
    ['no key', { keys: [] }, /^keys is a JWK Set in which no key can be used/],
    ['no usable key', { keys: [document.keys[4], null, 'key', []] }, /no key can be used/],
    ['a private key', { keys: [jwkOf(), privateJwk] }, /^keys\.keys\[1\] is a private key/],
    ['a private key in an array', [{ keys: [privateJwk] }], /^keys\[0\]\.keys\[0\] is a private/],
    ['a secret without alg', { keys: [{ ...oct, kid: 'h' }] }, /^keys\.keys\[0\]\.algorithm/],
    [
      'a secret that is too short',
      { keys: [{ kty: 'oct', k: 'AAAA', kid: 'h', alg: 'HS256' }] },
      /^keys\.keys\[0\]\.secret/,
    ],
    [
      'two keys of one kid',
      { keys: [jwkOf(ec, { kid: 'e' }), jwkOf(other, { kid: 'e' })] },
      /two keys have the kid 'e'/,
    ],
    [
      'a kid of another entry',
      [{ keys: [jwkOf(ec, { kid: 'e' })] }, { ...createTestKey('ES256', 'e').verification }],
      /two keys have the kid 'e'/,
    ],
  ])('is refused with %s', async (_what, keys, message) => {
    expect(() => createWith(keys)).toThrow(TypeError);
    expect(() => createWith(keys)).toThrow(message);
    const { ask } = createWith(loadedKeySet(async () => keys as never));
    await expect(ask({ alg: 'ES256', kid: 'e' }, ec.privateKey)).rejects.toMatchObject({
      status: 503,
      cause: expect.any(TypeError),
    });
  });

  it('may have one key twice', async () => {
    const { ask } = createWith({ keys: [jwkOf(ec, { kid: 'e' }), jwkOf(ec, { kid: 'e' })] });
    await expect(ask({ alg: 'ES256', kid: 'e' }, ec.privateKey)).resolves.toMatchObject(good);
  });

  it('does not show a secret in a message', () => {
    const short = 'c2hvcnQtc2VjcmV0';
    const create = () => createWith({ keys: [{ kty: 'oct', k: short, kid: 'h', alg: 'HS256' }] });
    expect(create).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(short) }),
    );
    expect(create).toThrow(TypeError);
  });
});

describe('keys from several places', () => {
  let endpoint: KeyEndpoint;
  let second: KeyEndpoint;
  beforeEach(async () => {
    endpoint = await startKeyEndpoint({ keys: [jwkOf(ec, { kid: 'remote' })] });
    second = await startKeyEndpoint({ keys: [jwkOf(other, { kid: 'second' })] });
  });
  afterEach(async () => {
    await endpoint.close();
    await second.close();
  });
  const own = { kid: 'own', algorithm: 'HS256', secret } as const;
  const mix = () => [remoteKeySet(`${endpoint.address}/jwks`), own];

  it('verify the tokens of each place', async () => {
    const { ask } = createWith([...mix(), remoteKeySet(`${second.address}/jwks`)]);
    await expect(ask({ alg: 'ES256', kid: 'remote' }, ec.privateKey)).resolves.toMatchObject(good);
    await expect(ask({ alg: 'ES256', kid: 'second' }, other.privateKey)).resolves.toMatchObject(
      good,
    );
    await expect(ask({ alg: 'HS256', kid: 'own' }, secret)).resolves.toMatchObject(good);
    await expect(ask({ alg: 'ES256', kid: 'none' }, ec.privateKey)).rejects.toMatchObject({
      code: 'token_key_unknown',
    });
  });

  it('are not loaded for a key in memory', async () => {
    const { ask } = createWith(mix());
    await ask({ alg: 'HS256', kid: 'own' }, secret);
    await ask({ alg: 'HS256', kid: 'own' }, secret);
    expect(endpoint.requests).toHaveLength(0);
  });

  it('are not loaded again for the key of another source', async () => {
    const { ask, clock } = createWith([
      ...mix(),
      remoteKeySet(`${second.address}/jwks`, { cooldown: 1 }),
    ]);
    await ask({ alg: 'ES256', kid: 'second' }, other.privateKey);
    const before = endpoint.requests.length;
    clock.advance(40);
    await ask({ alg: 'ES256', kid: 'second' }, other.privateKey);
    expect(endpoint.requests).toHaveLength(before);
  });

  it('do without a source that is down, for the tokens of the others', async () => {
    endpoint.answer = (_request, response) => response.writeHead(500).end();
    const { ask } = createWith([...mix(), remoteKeySet(`${second.address}/jwks`)]);
    await expect(ask({ alg: 'HS256', kid: 'own' }, secret)).resolves.toMatchObject(good);
    await expect(ask({ alg: 'ES256', kid: 'second' }, other.privateKey)).resolves.toMatchObject(
      good,
    );
    await expect(ask({ alg: 'ES256', kid: 'remote' }, ec.privateKey)).rejects.toMatchObject({
      status: 503,
    });
  });

  it('count together for a token without kid', async () => {
    const { ask } = createWith([...mix(), remoteKeySet(`${second.address}/jwks`)]);
    await expect(ask({ alg: 'HS256' }, secret)).resolves.toMatchObject(good);
    await expect(ask({ alg: 'ES256' }, ec.privateKey)).rejects.toMatchObject({ check: 'kid' });
    const one = createWith(mix());
    await expect(one.ask({ alg: 'ES256' }, ec.privateKey)).resolves.toMatchObject(good);
  });

  it('let the place win whose key has the algorithm of the token', async () => {
    const { ask } = createWith([...mix(), { ...own, kid: 'remote' }]);
    await expect(ask({ alg: 'ES256', kid: 'remote' }, ec.privateKey)).resolves.toMatchObject(good);
    await expect(ask({ alg: 'HS256', kid: 'remote' }, secret)).resolves.toMatchObject(good);
  });

  it('cannot be replaced', () => {
    const { verifier } = createWith(mix());
    expect(() => verifier.replaceKeys([own])).toThrow(/loaded by a key set/);
  });

  it('may not be in the answer of loadedKeySet', async () => {
    const { ask } = createWith(loadedKeySet(async () => mix() as never));
    await expect(ask({ alg: 'HS256', kid: 'own' }, secret)).rejects.toMatchObject({
      status: 503,
      cause: expect.objectContaining({
        message: expect.stringMatching(/keys\[0\] is a key source/),
      }),
    });
  });

  it.each<[string, unknown, RegExp]>([
    [
      'a private key',
      { kid: 'p', algorithm: 'ES256', privateKey: ec.privateKey },
      /^keys\[1\]\.privateKey/,
    ],
    ['a URL', 'https://id.example.com/jwks', /^keys\[1\]/],
    ['a function', async () => [own], /^keys\[1\]/],
    ['nothing', undefined, /^keys\[1\]/],
  ])('are refused with %s among them', (_what, entry, message) => {
    expect(() => createWith([mix()[0], entry])).toThrow(message);
  });
});
