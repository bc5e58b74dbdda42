import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';

import { createTokenVerifier, type TokenVerifierOptions } from '@tokenpair/core';

import { signerFor } from '../../support/forge.js';
import { createTestVerifier } from '../../support/verifier.js';

const secret = 'a secret that must not be shown to anybody at all';
const good = {
  issuer: 'https://issuer.test',
  audience: 'https://api.test',
  keys: [{ kid: '1', algorithm: 'HS256', secret }],
} satisfies TokenVerifierOptions;

const create = (changes: object) => createTokenVerifier({ ...good, ...changes });

describe('createTokenVerifier', () => {
  it('requires only issuer, audience and keys', () => {
    const { accepts, realm } = createTokenVerifier(good);
    expect(realm).toBe('api');
    expect(accepts).toEqual([
      expect.objectContaining({ issuer: 'https://issuer.test', audience: ['https://api.test'] }),
    ]);
  });

  it('treats undefined as an omitted option', () => {
    const names = [
      'realm',
      'clockTolerance',
      'transports',
      'isRevoked',
      'cache',
      'algorithms',
      'type',
      'audienceClaim',
      'subjectClaim',
      'maxTokenBytes',
      'scopeClaim',
      'requiredClaims',
      'deadline',
      'onEvent',
      'clock',
    ];
    const left = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(create(left).realm).toBe('api');
  });

  it.each<[string, unknown]>([
    ['issuer', undefined],
    ['issuer', null],
    ['issuer', ''],
    ['issuer', 1],
    ['issuer', /issuer/],
    ['issuer', ['https://issuer.test']],
    ['issuer', 'x'.repeat(2_049)],
    ['audience', undefined],
    ['audience', null],
    ['audience', ''],
    ['audience', []],
    ['audience', ['']],
    ['audience', ['https://api.test', '']],
    ['audience', ['https://api.test', undefined]],
    ['audience', /api/],
    ['audience', [/api/]],
    ['audience', new Set(['https://api.test'])],
    ['audience', 1],
    ['keys', undefined],
    ['keys', null],
    ['keys', []],
    ['keys', {}],
    ['keys', 1],
    ['realm', ''],
    ['realm', 'my "api"'],
    ['realm', 'my\\api'],
    ['realm', 'my\r\napi'],
    ['realm', 'äpi'],
    ['realm', null],
    ['realm', 1],
    ['clockTolerance', 301],
    ['clockTolerance', -1],
    ['clockTolerance', Number.NaN],
    ['clockTolerance', Number.POSITIVE_INFINITY],
    ['clockTolerance', '5'],
    ['clockTolerance', '6m'],
    ['clockTolerance', '5 s'],
    ['clockTolerance', null],
    ['clockTolerance', true],
    ['deadline', 0],
    ['deadline', -1],
    ['deadline', Number.NaN],
    ['deadline', '900'],
    ['deadline', '2h'],
    ['deadline', null],
    ['transports', null],
    ['transports', 'cookie'],
    ['transports', ['cookie']],
    ['transports', { headers: true }],
    ['transports.header', { header: 'no' }],
    ['transports.header', { header: null }],
    ['transports.header', { header: false }],
    ['transports.cookie', { cookie: '' }],
    ['transports.cookie', { cookie: true }],
    ['transports.allowedOrigins', { cookie: 'a', allowedOrigins: '*' }],
    ['transports.allowedOrigins', { cookie: 'a', allowedOrigins: null }],
    ['transports.allowedOrigins', { cookie: 'a', allowedOrigins: ['https://app.test/'] }],
    ['transports.allowedOrigins', { cookie: 'a', allowedOrigins: ['https://*.app.test'] }],
    ['transports.allowedOrigins', { allowedOrigins: ['https://app.test'] }],
    ['transports.allowedOrigins', { query: 'a', allowedOrigins: [] }],
    ['transports.query', { query: '' }],
    ['transports.query', { query: null }],
    ['transports.custom', { custom: 'body' }],
    ['maxTokenBytes', 0],
    ['maxTokenBytes', -1],
    ['maxTokenBytes', 1.5],
    ['maxTokenBytes', '8kb'],
    ['maxTokenBytes', 2 ** 20 + 1],
    ['maxTokenBytes', null],
    ['isRevoked', true],
    ['isRevoked', null],
    ['onEvent', {}],
    ['cache', true],
    ['cache', null],
    ['cache', 100],
    ['cache.max', { max: 0 }],
    ['cache.max', { max: '100' }],
    ['cache.maxBytes', { maxBytes: 1.5 }],
    ['maxAge', { maxAge: 1 }],
    ['algorithms', []],
    ['algorithms', 'HS256'],
    ['algorithms', ['none']],
    ['algorithms', ['ES256']],
    ['type', ''],
    ['type', true],
    ['type', null],
    ['audienceClaim', ''],
    ['scopeClaim', 1],
    ['subjectClaim', ''],
    ['subjectClaim', ['sub']],
    ['subjectClaim', null],
    ['requiredClaims', []],
    ['requiredClaims', null],
    ['requiredClaims.role', { role: undefined }],
    ['requiredClaims.role', { role: ['admin'] }],
    ['onEvent', null],
    ['clock', 1_700_000_000_000],
    ['clock', null],
  ])('names %s when it is %p', (option, value) => {
    const [name = ''] = option.split('.');
    expect(() => create({ [name]: value })).toThrow(TypeError);
    expect(() => create({ [name]: value })).toThrow(
      new RegExp(`(^|\\b)${option.replace('.', '\\.')}\\b`),
    );
  });

  it('names both readings of a duration of bare digits', () => {
    expect(() => create({ clockTolerance: '900' })).toThrow(/900 seconds or 900 milliseconds/);
    expect(() => create({ deadline: '900' })).toThrow(/900 seconds or 900 milliseconds/);
  });

  it.each([
    'secret',
    'publicKey',
    'clockTolerence',
    'maxAge',
    'ignoreExpiration',
    'isRevoked ',
    'store',
    'refreshKeys',
  ])('names the unknown option %p', (name) => {
    expect(() => create({ [name]: undefined })).toThrow(TypeError);
    expect(() => create({ [name]: undefined })).toThrow(`'${name}'`);
  });

  it.each<[unknown]>([[undefined], [null], ['https://issuer.test'], [[]], [() => good]])(
    'throws a TypeError for the options %p',
    (options) => {
      expect(() => createTokenVerifier(options as TokenVerifierOptions)).toThrow(TypeError);
    },
  );

  it.each<[string, object]>([
    ['clockTolerance', { clockTolerance: 0 }],
    ['clockTolerance', { clockTolerance: 300 }],
    ['clockTolerance', { clockTolerance: '5m' }],
    ['deadline', { deadline: 1 }],
    ['deadline', { deadline: '1h' }],
    ['realm', { realm: "It's ~ my [api]!" }],
    ['audience', { audience: ['a', 'b'] }],
    ['transports', { transports: { cookie: 'a', query: 'b', custom: () => undefined } }],
    ['transports', { transports: {} }],
    ['transports', { transports: { header: true } }],
    ['transports', { transports: { header: false, query: 'a' } }],
  ])('accepts %s of %p', (_option, changes) => {
    expect(() => create(changes)).not.toThrow();
  });

  it('changes none of its arguments', () => {
    const options = Object.freeze({
      ...good,
      audience: Object.freeze(['a']),
      keys: Object.freeze([Object.freeze({ ...good.keys[0] })]),
      transports: Object.freeze({ cookie: 'a' }),
    });
    expect(() => createTokenVerifier(options as TokenVerifierOptions)).not.toThrow();
  });

  it('ignores later changes to its options', async () => {
    const audience = ['https://api.test'];
    const bytes = randomBytes(32);
    const keys = [{ kid: 'test', algorithm: 'HS256' as const, secret: bytes }];
    const signer = signerFor('HS256', Buffer.from(bytes));
    const { token, verify } = createTestVerifier({ audience, keys });
    audience.push('https://other.test');
    keys.length = 0;
    bytes.fill(0);
    await expect(verify(token({}, { signer }))).resolves.toMatchObject({ subject: 'u_1' });
    const elsewhere = token({ aud: 'https://other.test' }, { signer });
    await expect(verify(elsewhere)).rejects.toMatchObject({ check: 'aud' });
  });

  it('is frozen', () => {
    const verifier = createTokenVerifier(good);
    expect(() => Object.assign(verifier, { issuer: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(verifier.accepts, [{}])).toThrow(TypeError);
    expect(() => Object.assign(verifier.accepts[0] as object, { issuer: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(verifier.accepts[0]?.audience as object, ['x'])).toThrow(TypeError);
  });
});

describe('a secret', () => {
  it('does not appear in any text form of a verifier', () => {
    const verifier = createTokenVerifier(good);
    const shown = `${JSON.stringify(verifier)}${inspect(verifier, { depth: 9, showHidden: true })}`;
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
    expect(shown).not.toContain(Buffer.from(secret).toString('hex').slice(0, 20));
  });

  it.each<[string, object]>([
    ['its algorithm is unknown', { keys: [{ kid: '1', algorithm: 'HS1', secret }] }],
    ['it is too short', { keys: [{ kid: '1', algorithm: 'HS512', secret }] }],
    [
      'it is given for an asymmetric algorithm',
      { keys: [{ kid: '1', algorithm: 'ES256', secret }] },
    ],
    [
      'it is given as a public key',
      { keys: [{ kid: '1', algorithm: 'ES256', publicKey: secret }] },
    ],
    [
      'it is given as a private key',
      { keys: [{ kid: '1', algorithm: 'ES256', privateKey: secret }] },
    ],
    ['its kid is missing', { keys: [...good.keys, { algorithm: 'HS256', secret }] }],
    ['it is given as its kid', { keys: [{ kid: [secret], algorithm: 'HS256', secret }] }],
    [
      'it is given as a kid that is too long',
      { keys: [{ kid: secret.repeat(9), algorithm: 'HS256', secret }] },
    ],
    [
      'it is given as base64url',
      { keys: [{ kid: '1', algorithm: 'HS512', secret: { base64url: secret } }] },
    ],
    [
      'it is given as a JWK',
      { keys: [{ kid: '1', algorithm: 'HS512', secret: { kty: 'oct', k: secret } }] },
    ],
    ['it is the alg of a JWK', { keys: [{ secret: { kty: 'oct', k: secret, alg: secret } }] }],
    ['it is its state', { keys: [{ kid: '1', algorithm: 'HS256', secret, state: secret }] }],
    [
      'there are two materials',
      { keys: [{ kid: '1', algorithm: 'HS256', secret, publicKey: secret }] },
    ],
    ['it comes in an array', { keys: [{ kid: '1', algorithm: 'HS256', secret: [secret] }] }],
    ['it comes in an object', { keys: [{ kid: '1', algorithm: 'HS256', secret: { secret } }] }],
    ['it replaces the key', { keys: [secret] }],
    ['it replaces the keys', { keys: secret }],
    ['the key has an unknown option', { keys: [{ kid: '1', algorithm: 'HS256', secret, x: 1 }] }],
    ['two keys share a kid', { keys: [...good.keys, ...good.keys] }],
  ])('does not appear in the message when %s', (_what, changes) => {
    let message = '';
    try {
      create(changes);
    } catch (error) {
      message = inspect(error);
    }
    expect(message).toContain('TypeError');
    expect(message).not.toContain(secret.slice(0, 16));
  });
});
