import { randomBytes } from 'node:crypto';

import {
  createTokenVerifier,
  verifyBearer,
  type TokenVerifier,
  type TokenVerifierOptions,
  type VerifiedToken,
} from '@tokenpair/core';

import {
  createTokenCache,
  type TokenCache,
} from '../../../packages/core/src/verify/token-cache.js';
import type { CachedToken } from '../../../packages/core/src/verify/token-cache.js';
import { replaceSegment, signerFor } from '../../support/forge.js';
import { audienceName, issuerName } from '../../support/issuer.js';
import { createTestVerifier, type TestVerifier } from '../../support/verifier.js';

// For a cached token the verifier returns the same object as before; for any other token, a new one.
const isRemembered = async ({ verify }: Pick<TestVerifier, 'verify'>, token: string) =>
  (await verify(token)) === (await verify(token));

const entries = (verifier: TokenVerifier) => Reflect.get(verifier, 'cache') as TokenCache;

const cached = (text: string, sessionId?: string) =>
  ({ text, token: { sessionId }, key: {}, issuer: {} }) as unknown as CachedToken;

const read = ({ subject, scopes, claims, expiresAt }: VerifiedToken) =>
  structuredClone({
    subject,
    scopes: [...scopes],
    has: scopes.has('admin'),
    size: scopes.size,
    claims,
    expiresAt,
  });

const known = (test: TestVerifier, tokens: readonly string[]) =>
  tokens.filter((text) => entries(test.verifier).get(text) !== undefined).length;

describe('a token that was verified', () => {
  it('is cached, unless the cache is off', async () => {
    const [on, off] = [createTestVerifier(), createTestVerifier({ cache: false })];
    await expect(isRemembered(on, on.token())).resolves.toBe(true);
    await expect(isRemembered(off, off.token())).resolves.toBe(false);
  });

  it('is cached by its text only: the case of the scheme and the number of spaces do not matter', async () => {
    const { verifier, token } = createTestVerifier();
    const text = token();
    const first = await verifyBearer(verifier, `Bearer ${text}`);
    await expect(verifyBearer(verifier, `bEaReR    ${text}`)).resolves.toBe(first);
    await expect(
      verifyBearer(verifier, { headers: { authorization: `Bearer ${text}` } }),
    ).resolves.toBe(first);
    await expect(
      verifyBearer(
        verifier,
        new Request('https://api.test', { headers: { authorization: `Bearer ${text}` } }),
      ),
    ).resolves.toBe(first);
  });

  it('expires at its exp claim, although it is cached', async () => {
    const { clock, token, verify } = createTestVerifier({ clockTolerance: 5 });
    const text = token({ exp: clock.now() / 1_000 + 60 });
    await verify(text);
    clock.advance(64.999);
    await expect(verify(text)).resolves.toMatchObject({ subject: 'u_1' });
    clock.advance(0.001);
    await expect(verify(text)).rejects.toMatchObject({ code: 'token_expired', check: 'exp' });
  });

  it('is not yet active again when the clock goes back before nbf', async () => {
    const { clock, token, verify } = createTestVerifier();
    const text = token({ nbf: clock.now() / 1_000 });
    await verify(text);
    clock.advance(-1);
    await expect(verify(text)).rejects.toMatchObject({ code: 'token_not_active', check: 'nbf' });
    clock.advance(1);
    await expect(verify(text)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -1])(
    'is not accepted when the clock returns %p',
    async (nonsense) => {
      let now = Date.now();
      const { token, verify } = createTestVerifier({ clock: () => now });
      const text = token({ iat: undefined, exp: 9_999_999_999 });
      await verify(text);
      now = nonsense;
      await expect(verify(text)).rejects.toMatchObject({ status: 503 });
    },
  );

  it('is refused at the next request once its session is revoked', async () => {
    let revoked = false;
    const isRevoked = jest.fn(() => revoked);
    const { token, verify } = createTestVerifier({ isRevoked });
    const text = token();
    await verify(text);
    await verify(text);
    expect(isRevoked).toHaveBeenCalledTimes(2);
    revoked = true;
    await expect(verify(text)).rejects.toMatchObject({ code: 'session_revoked' });
  });

  it('gets 503 when isRevoked fails', async () => {
    const isRevoked = jest.fn(() => Promise.resolve(false));
    const { token, verify } = createTestVerifier({ isRevoked });
    const text = token();
    await verify(text);
    isRevoked.mockRejectedValueOnce(new Error('down'));
    await expect(verify(text)).rejects.toMatchObject({ status: 503 });
  });

  it('is refused at the next request once its key is removed', async () => {
    const { secret, verifier, token, verify } = createTestVerifier();
    const text = token();
    await verify(text);
    verifier.replaceKeys([{ kid: 'other', algorithm: 'HS256', secret: randomBytes(32) }]);
    await expect(verify(text)).rejects.toMatchObject({ code: 'token_key_unknown', check: 'key' });
    verifier.replaceKeys([{ kid: 'test', algorithm: 'HS256', secret: randomBytes(32) }]);
    await expect(verify(text)).rejects.toMatchObject({ code: 'token_invalid', check: 'signature' });
    verifier.replaceKeys([{ kid: 'test', algorithm: 'HS256', secret }]);
    await expect(verify(text)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('stays accepted when other keys are added or removed', async () => {
    const { secret, verifier, token, verify } = createTestVerifier();
    const text = token();
    await verify(text);
    verifier.replaceKeys([
      { kid: 'next', algorithm: 'HS512', secret: randomBytes(64) },
      { kid: 'test', algorithm: 'HS256', secret },
    ]);
    await expect(verify(text)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('stays accepted when replaceKeys refuses the new keys', async () => {
    const { verifier, token, verify } = createTestVerifier();
    const text = token();
    for (const keys of [[], [{ kid: 'x', algorithm: 'HS256', secret: 'short' }], undefined]) {
      expect(() => verifier.replaceKeys(keys as never)).toThrow(TypeError);
    }
    await expect(verify(text)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it.each<[string, (good: TestVerifier) => Partial<TokenVerifierOptions>]>([
    [
      'another key with the same kid',
      () => ({ keys: [{ kid: 'test', algorithm: 'HS256', secret: randomBytes(32) }] }),
    ],
    ['another issuer', () => ({ issuer: 'https://other.test' })],
    ['another audience', () => ({ audience: 'https://other.test' })],
    ['another type', () => ({ type: 'JWT' })],
    ['a required claim', () => ({ requiredClaims: { role: 'admin' } })],
  ])('is not cached for another verifier, which has %s', async (_what, changes) => {
    const good = createTestVerifier();
    const text = good.token();
    await good.verify(text);
    const keys = [{ kid: 'test', algorithm: 'HS256' as const, secret: good.secret }];
    const other = createTestVerifier({ keys, clock: good.clock.now, ...changes(good) });
    await expect(other.verify(text)).rejects.toMatchObject({ code: 'token_invalid' });
    await expect(good.verify(text)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('is not found for another text that differs in a single character', async () => {
    const { token, verify } = createTestVerifier();
    const text = token();
    await verify(text);
    for (let at = 0; at < text.length; at += 1) {
      const swapped = text[at] === 'A' ? 'B' : 'A';
      const other = `${text.slice(0, at)}${swapped}${text.slice(at + 1)}`;
      await expect(verify(other)).rejects.toMatchObject({ status: 401 });
    }
    await expect(verify(text)).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('is not found for another token with the same signature or the same ending', async () => {
    const { claims, token, verify } = createTestVerifier();
    const text = token();
    await verify(text);
    const admin = Buffer.from(JSON.stringify(claims({ sub: 'root' }))).toString('base64url');
    await expect(verify(replaceSegment(text, 1, () => admin))).rejects.toMatchObject({
      check: 'signature',
    });
    await expect(verify(`AAAA.AAAA.${text.slice(-12)}`)).rejects.toMatchObject({ status: 401 });
    await expect(verify(text.slice(-12))).rejects.toMatchObject({ status: 401 });
  });

  it.each<[string, (token: VerifiedToken & Record<string, never>) => unknown]>([
    ['sets its subject', (token) => Object.assign(token, { subject: 'root' })],
    ['sets a claim', (token) => Object.assign(token.claims, { role: 'root' })],
    [
      'sets a claim in a claim',
      (token) => Object.assign(token.claims['user'] as object, { role: 'root' }),
    ],
    ['adds a scope', (token) => (token.scopes as Set<string>).add('admin')],
    [
      'adds a scope through Set.prototype',
      (token) => Set.prototype.add.call(token.scopes, 'admin'),
    ],
    ['clears the scopes through Set.prototype', (token) => Set.prototype.clear.call(token.scopes)],
    ['changes its expiry', (token) => Object.assign(token, { expiresAt: 9_999_999_999 })],
    [
      'changes its expiry in the claims',
      (token) => Object.assign(token.claims, { exp: 9_999_999_999 }),
    ],
    ['changes its prototype', (token) => Object.setPrototypeOf(token, { role: 'root' })],
  ])('reads the same at the next request when a handler %s', async (_what, change) => {
    const { token, verify } = createTestVerifier();
    const text = token({ scope: 'a b', user: { role: 'user' } });
    const first = await verify(text);
    const before = read(first);
    try {
      change(first as never);
    } catch {
      // Most changes throw (verified-token.test.ts). A change that does not throw must have no effect.
    }
    expect(read(await verify(text))).toEqual(before);
  });
});

describe('two transports at once', () => {
  it('are refused although the token is cached', async () => {
    const { token, verifier } = createTestVerifier({ transports: { cookie: 'at' } });
    const text = token();
    const headers = { authorization: `Bearer ${text}` };
    await verifyBearer(verifier, { headers });
    await expect(
      verifyBearer(verifier, { headers: { ...headers, cookie: `at=${text}` } }),
    ).rejects.toMatchObject({ code: 'request_malformed' });
    await expect(
      verifyBearer(verifier, {
        headers,
        rawHeaders: [
          'Authorization',
          headers.authorization,
          'authorization',
          headers.authorization,
        ],
      }),
    ).rejects.toMatchObject({ code: 'request_malformed' });
  });
});

describe('the cache', () => {
  const secret = randomBytes(32);
  const signer = signerFor('HS256', secret);
  const keys = [{ kid: 'test', algorithm: 'HS256' as const, secret }];

  const withCache = (cache: TokenVerifierOptions['cache']) => createTestVerifier({ keys, cache });
  const make = (test: TestVerifier, changes: object) => test.token(changes, { signer });
  const tokensOf = (test: TestVerifier, count: number, changes: (index: number) => object) =>
    Array.from({ length: count }, (_, index) => make(test, changes(index)));

  it('does not grow with rejected tokens', async () => {
    const test = withCache({});
    const bad = [
      ...tokensOf(test, 20, (index) => ({ sid: `s${index}`, exp: 1 })),
      ...tokensOf(test, 20, (index) => ({ sid: `s${index}`, aud: 'x' })),
      ...Array.from({ length: 20 }, () =>
        test.token({}, { signer: signerFor('HS256', randomBytes(32)) }),
      ),
    ];
    for (const text of bad) await expect(test.verify(text)).rejects.toMatchObject({ status: 401 });
    expect(known(test, bad)).toBe(0);
  });

  it('removes no token when another token is rejected', async () => {
    const test = withCache({ max: 2 });
    const honest = tokensOf(test, 2, (index) => ({ sid: `honest${index}` }));
    for (const text of honest) await test.verify(text);
    for (let round = 0; round < 50; round += 1) {
      const forged = test.token(
        { sid: `x${round}` },
        { signer: signerFor('HS256', randomBytes(32)) },
      );
      await expect(test.verify(forged)).rejects.toMatchObject({ check: 'signature' });
    }
    expect(known(test, honest)).toBe(2);
  });

  it('never holds more than max tokens, and removes the least recently used one first', async () => {
    const test = withCache({ max: 3 });
    const [first = '', ...others] = tokensOf(test, 10, (index) => ({ sid: `s${index}` }));
    for (const text of others) {
      await test.verify(first);
      await test.verify(text);
    }
    expect(known(test, [first, ...others])).toBe(3);
    expect(known(test, [first])).toBe(1);
  });

  it('never holds more than maxBytes, and does not store a token that is too large', async () => {
    const test = withCache({ maxBytes: 10_000 });
    const small = tokensOf(test, 20, (index) => ({ sid: `s${index}` }));
    for (const text of small) await test.verify(text);
    expect(known(test, small)).toBeGreaterThan(2);
    expect(known(test, small)).toBeLessThan(10);
    const large = make(test, { filler: 'x'.repeat(5_500) });
    await expect(isRemembered(test, large)).resolves.toBe(false);
    expect(known(test, small)).toBeGreaterThan(2);
  });

  it('holds at most four tokens of one session, so that a client in a refresh loop removes no other tokens', async () => {
    const test = withCache({ max: 10 });
    const honest = tokensOf(test, 5, (index) => ({ sid: `honest${index}` }));
    for (const text of honest) await test.verify(text);
    const flood = tokensOf(test, 100, (index) => ({ sid: 'greedy', jti: `j${index}` }));
    for (const text of flood) await test.verify(text);
    expect(known(test, honest)).toBe(5);
    expect(known(test, flood)).toBe(4);
    expect(known(test, flood.slice(-4))).toBe(4);
  });

  it('holds as many tokens as fit when they name no session', async () => {
    const test = withCache({ max: 10 });
    const tokens = tokensOf(test, 10, (index) => ({ sid: undefined, jti: `j${index}` }));
    for (const text of tokens) await test.verify(text);
    expect(known(test, tokens)).toBe(10);
  });
});

describe('two tokens with the same ending', () => {
  const [one, other] = [`one${'.'.repeat(12)}`, `other${'.'.repeat(12)}`];

  it('are never confused: the one verified last replaces the other', () => {
    const cache = createTokenCache();
    cache?.set(cached(one, 'a'));
    expect(cache?.get(other)).toBeUndefined();
    cache?.set(cached(other, 'b'));
    expect(cache?.get(one)).toBeUndefined();
    expect(cache?.get(other)?.token.sessionId).toBe('b');
  });

  it('are removed separately', () => {
    const cache = createTokenCache();
    cache?.set(cached(one));
    cache?.delete(other);
    expect(cache?.get(one)).toBeDefined();
    cache?.delete(one);
    expect(cache?.get(one)).toBeUndefined();
  });

  it('leave no empty session in the cache', () => {
    const cache = createTokenCache({ max: 1 });
    for (let round = 0; round < 10; round += 1) {
      for (const text of [one, other, 'x'.repeat(20)]) cache?.set(cached(text, 'a'));
    }
    expect(cache?.get('x'.repeat(20))?.token.sessionId).toBe('a');
    cache?.delete('x'.repeat(20));
    cache?.set(cached(one, 'a'));
    expect(cache?.get(one)).toBeDefined();
  });
});

describe('the cache of a verifier', () => {
  it('is not shared with another verifier that has the same options', async () => {
    const { verifier, token, clock, secret } = createTestVerifier();
    const twin = createTokenVerifier({
      issuer: issuerName,
      audience: audienceName,
      keys: [{ kid: 'test', algorithm: 'HS256', secret }],
      clock: clock.now,
    });
    const header = `Bearer ${token()}`;
    const first = await verifyBearer(verifier, header);
    expect(await verifyBearer(twin, header)).not.toBe(first);
  });
});
