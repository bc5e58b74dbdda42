import { randomBytes } from 'node:crypto';

import jwt from 'jsonwebtoken';

import {
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  verifyBearer,
  type Algorithm,
  type ClaimsAnswer,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import { audienceName, createTestIssuer, issuerName } from '../../support/issuer.js';
import { createTestKey } from '../../support/keys.js';
import { codeOf } from '../../support/outcome.js';

const hour = 3_600;

const claimsOf = (accessToken: string) => jwt.decode(accessToken) as jwt.JwtPayload;

async function decoded(options: Partial<TokenIssuerOptions> = {}, scope = '') {
  const issuer = createTestIssuer(options);
  const pair = await issueTokenPair(issuer.tokens, { subject: 'u_1', scope });
  const { header, payload } = jwt.decode(pair.accessToken, { complete: true }) as jwt.Jwt & {
    payload: jwt.JwtPayload;
  };
  return { ...issuer, pair, header, payload, now: issuer.clock.now() };
}

describe('a signed access token', () => {
  it('has the claims of RFC 9068 and nothing else', async () => {
    const { payload, pair, now } = await decoded({}, 'a b');
    expect(payload).toEqual({
      iss: issuerName,
      sub: 'u_1',
      aud: audienceName,
      exp: now / 1_000 + 300,
      iat: now / 1_000,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sid: pair.sessionId,
      gen: 1,
      rev: expect.any(Number),
      client_id: issuerName,
      scope: 'a b',
      auth_time: now / 1_000,
    });
  });

  it('has no scope claim when there is no scope', async () => {
    const { payload } = await decoded();
    expect(payload).not.toHaveProperty('scope');
  });

  it('has a list of audiences when there are several', async () => {
    const audience = ['https://one.test', 'https://two.test'];
    const { payload } = await decoded({ audience });
    expect(payload['aud']).toEqual(audience);
  });

  it('has a unique jti', async () => {
    const { tokens, pair, payload } = await decoded();
    const next = await refreshTokenPair(tokens, pair.refreshToken);
    expect((jwt.decode(next.accessToken) as jwt.JwtPayload).jti).not.toBe(payload['jti']);
  });

  it('has times in whole seconds when the clock has fractions', async () => {
    const { tokens, clock } = createTestIssuer();
    clock.set(1_800_000_000_999.5);
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(jwt.decode(accessToken)).toMatchObject({ iat: 1_800_000_000, exp: 1_800_000_300 });
  });

  it.each<Algorithm>([
    'HS256',
    'HS384',
    'HS512',
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ])('names %s, its type and its key, and passes verification', async (algorithm) => {
    const keys: TokenIssuerOptions['keys'] = [createTestKey(algorithm, 'k1').signing];
    const { header, pair, tokens } = await decoded({ keys });
    expect(header).toEqual({ alg: algorithm, typ: 'at+jwt', kid: 'k1' });
    await expect(
      verifyBearer(tokens.verifier, `Bearer ${pair.accessToken}`),
    ).resolves.toBeDefined();
  });

  it('is signed by the first key, while the other keys still verify what they signed', async () => {
    const former = createTestKey('ES256', 'former');
    const present = createTestKey('HS256', 'present');
    const { pair, another } = await decoded({ keys: [former.signing] });
    const changed = another({ keys: [present.signing, former.verification] });
    const next = await refreshTokenPair(changed, pair.refreshToken);
    expect(jwt.decode(next.accessToken, { complete: true })?.header.kid).toBe('present');
    for (const { accessToken } of [pair, next]) {
      await expect(verifyBearer(changed.verifier, `Bearer ${accessToken}`)).resolves.toBeDefined();
    }
  });
});

describe('the claims of a grant', () => {
  it('name the client of the session, otherwise that of the issuer, otherwise the issuer', async () => {
    const { tokens, another } = createTestIssuer();
    const named = another({ clientId: 'first-party' });
    const clients = await Promise.all([
      issueTokenPair(tokens, { subject: 'u_1' }),
      issueTokenPair(named, { subject: 'u_1' }),
      issueTokenPair(named, { subject: 'u_1', clientId: 'app' }),
    ]);
    expect(clients.map(({ accessToken }) => claimsOf(accessToken)['client_id'])).toEqual([
      issuerName,
      'first-party',
      'app',
    ]);
  });

  it('have the audience of the session, a text when it is one name', async () => {
    const audience = ['https://a.test', 'https://b.test', 'https://c.test'];
    const { tokens } = createTestIssuer({ audience });
    const of = async (some: readonly string[] | string) =>
      claimsOf((await issueTokenPair(tokens, { subject: 'u_1', audience: some })).accessToken).aud;
    expect(await of('https://b.test')).toBe('https://b.test');
    expect(await of(['https://c.test', 'https://a.test'])).toEqual([
      'https://c.test',
      'https://a.test',
    ]);
    expect(await of(audience.toReversed())).toEqual(audience);
  });

  it('have the authentication and the actor, at the login and at every refresh', async () => {
    const { tokens, clock } = createTestIssuer();
    const first = await issueTokenPair(tokens, {
      subject: 'u_1',
      clientId: 'app',
      authentication: { time: 1_700_000_000, acr: 'phr', amr: ['pwd', 'otp'] },
      actor: { subject: 'staff', claims: { dept: 7 } },
    });
    clock.advance(600);
    const second = await refreshTokenPair(tokens, first.refreshToken);
    const third = await refreshTokenPair(tokens, second.refreshToken);
    for (const { accessToken } of [first, second, third]) {
      expect(claimsOf(accessToken)).toMatchObject({
        sub: 'u_1',
        client_id: 'app',
        auth_time: 1_700_000_000,
        acr: 'phr',
        amr: ['pwd', 'otp'],
        act: { sub: 'staff', dept: 7 },
      });
    }
  });

  it('name the generation of the refresh token that the client has after it', async () => {
    const { tokens, clock } = createTestIssuer();
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    const second = await refreshTokenPair(tokens, first.refreshToken);
    const held = await refreshTokenPair(tokens, second.refreshToken);
    const replayed = await refreshTokenPair(tokens, first.refreshToken);
    clock.advance(61);
    const third = await refreshTokenPair(tokens, second.refreshToken);
    const generations = [first, second, held, replayed, third].map(
      ({ accessToken }) => claimsOf(accessToken)['gen'],
    );
    expect(generations).toEqual([1, 2, 2, 2, 3]);
  });

  it('name the presented generation through a relay, because only that one was stored', async () => {
    const { tokens, clock } = createTestIssuer();
    const relay = true;
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    const second = await refreshTokenPair(tokens, first.refreshToken, { relay });
    const held = await refreshTokenPair(tokens, second.refreshToken, { relay });
    const replayed = await refreshTokenPair(tokens, first.refreshToken, { relay });
    clock.advance(61);
    const third = await refreshTokenPair(tokens, second.refreshToken, { relay });
    const generations = [second, held, replayed, third].map(
      ({ accessToken }) => claimsOf(accessToken)['gen'],
    );
    expect(generations).toEqual([1, 2, 1, 2]);
  });
});

describe('the scope that a hook returns', () => {
  const granted = 'a b c';

  it.each([
    ['less', 'c a', 'c a'],
    ['none', '', ''],
    ['all of it', granted, granted],
  ])('takes scopes away from this access token only: %s', async (_what, answer, expected) => {
    let scope: string | undefined = answer;
    const { tokens } = createTestIssuer({
      claims: () => (scope === undefined ? {} : { scope, role: 'x' }),
    });
    const first = await issueTokenPair(tokens, { subject: 'u_1', scope: granted });
    const second = await refreshTokenPair(tokens, first.refreshToken);
    for (const pair of [first, second]) {
      expect(pair.scope).toBe(expected);
      expect(claimsOf(pair.accessToken)['scope'] ?? '').toBe(expected);
      expect(claimsOf(pair.accessToken)).toMatchObject({ role: 'x' });
    }
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ scope: granted }]);
    scope = undefined;
    expect((await refreshTokenPair(tokens, second.refreshToken)).scope).toBe(granted);
  });

  it('is limited by what the refresh asks for', async () => {
    let scope = granted;
    const { tokens } = createTestIssuer({ claims: () => ({ scope }) });
    const first = await issueTokenPair(tokens, { subject: 'u_1', scope: granted });
    scope = 'a';
    const second = await refreshTokenPair(tokens, first.refreshToken, { scope: 'a b' });
    expect(second.scope).toBe('a');
    scope = 'c';
    expect(await codeOf(refreshTokenPair(tokens, second.refreshToken, { scope: 'a b' }))).toBe(
      'temporarily_unavailable',
    );
  });

  it.each<[string, unknown]>([
    ['more than was granted', 'a d'],
    ['a list', ['a']],
    ['null', null],
    ['a number', 1],
    ['text that is no scope', 'a "b"'],
  ])('is a failure of the hook when it is %s, and spends nothing', async (_what, answer) => {
    let hook: unknown = {};
    const { tokens, events, store } = createTestIssuer({ claims: () => hook as ClaimsAnswer });
    const first = await issueTokenPair(tokens, { subject: 'u_1', scope: granted });
    const before = await store.get(first.sessionId);
    hook = { scope: answer };
    expect(await codeOf(refreshTokenPair(tokens, first.refreshToken))).toBe(
      'temporarily_unavailable',
    );
    expect(await codeOf(issueTokenPair(tokens, { subject: 'u_1', scope: granted }))).toBe(
      'temporarily_unavailable',
    );
    expect(events.at(-1)).toMatchObject({ type: 'hook.failed', hook: 'claims' });
    expect(await store.get(first.sessionId)).toEqual(before);
  });
});

describe('the lifetime of an access token', () => {
  it('is the configured one', async () => {
    const { payload, pair } = await decoded({ accessTokenLifetime: '15m' });
    expect(Number(payload['exp']) - Number(payload['iat'])).toBe(900);
    expect(pair.expiresIn).toBe(900);
  });

  it('is no longer than the session at login', async () => {
    const { payload, pair } = await decoded({ accessTokenLifetime: '1h', absoluteLifetime: '10m' });
    expect(Number(payload['exp']) - Number(payload['iat'])).toBe(600);
    expect(pair.expiresIn).toBe(600);
  });

  it.each([
    ['no hook', undefined],
    ['a hook', () => ({})],
  ])('never extends past the absolute end of the session, with %s', async (_how, claims) => {
    const { tokens, clock } = createTestIssuer({
      accessTokenLifetime: '1h',
      absoluteLifetime: '8h',
      claims,
    });
    const end = clock.now() / 1_000 + 8 * hour;
    let { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const ends: number[] = [];
    for (const step of [6.5 * hour, hour, 1_500.5, 200, 97, 1.5]) {
      clock.advance(step);
      const next = await refreshTokenPair(tokens, refreshToken);
      const { exp = 0, iat = 0 } = jwt.decode(next.accessToken) as jwt.JwtPayload;
      expect(next.expiresIn).toBe(exp - iat);
      ends.push(exp);
      ({ refreshToken } = next);
    }
    expect(ends[0]).toBe(end - 0.5 * hour);
    expect(Math.max(...ends)).toBeLessThanOrEqual(end);
    clock.advance(1);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
  });
});

describe('the claims that a hook returns', () => {
  it('are added unchanged beside the registered claims', async () => {
    const claims = {
      role: 'admin',
      tenant: { id: 7, tags: ['a', null] },
      'https://x.test/y': true,
    };
    const { payload } = await decoded({ claims: () => claims });
    expect(payload).toMatchObject(claims);
  });

  it('may be an empty object', async () => {
    const { payload } = await decoded({ claims: () => ({}) });
    expect(Object.keys(payload)).toEqual([
      'iss',
      'sub',
      'aud',
      'exp',
      'iat',
      'jti',
      'sid',
      'gen',
      'rev',
      'client_id',
      'auth_time',
    ]);
  });

  it('are omitted when they are undefined', async () => {
    const { payload } = await decoded({ claims: () => ({ role: undefined }) });
    expect(payload).not.toHaveProperty('role');
  });

  it.each([
    'iss',
    'sub',
    'aud',
    'exp',
    'nbf',
    'iat',
    'jti',
    'sid',
    'cnf',
    'gen',
    'client_id',
    'auth_time',
    'acr',
    'amr',
    'act',
    'may_act',
    'authorization_details',
  ])('cannot include %s, which only the issuer writes', async (name) => {
    for (const value of ['x', undefined, 0]) {
      const { tokens, events } = createTestIssuer({ claims: () => ({ [name]: value }) });
      expect(await codeOf(issueTokenPair(tokens, { subject: 'u_1' }))).toBe(
        'temporarily_unavailable',
      );
      expect(events).toMatchObject([{ type: 'hook.failed', hook: 'claims' }]);
    }
  });

  it.each<[string, () => unknown]>([
    ['toJSON', () => ({ toJSON: () => ({ sub: 'somebody else', admin: true }) })],
    [
      'a getter of toJSON',
      () => ({
        get toJSON() {
          return () => ({ sub: 'somebody else' });
        },
      }),
    ],
    ['__proto__', () => JSON.parse('{"__proto__":{"sub":"somebody else"}}') as unknown],
    ['a prototype', () => Object.create({ sub: 'somebody else' }) as unknown],
  ])('cannot replace a registered claim by way of %s', async (_how, answer) => {
    const { tokens } = createTestIssuer({ claims: answer as () => ClaimsAnswer });
    const subjects = await issueTokenPair(tokens, { subject: 'u_1' }).then(
      ({ accessToken }) => [(jwt.decode(accessToken) as jwt.JwtPayload).sub],
      () => [],
    );
    expect(subjects.every((subject) => subject === 'u_1')).toBe(true);
  });

  it('cause an error with a code when the token would be longer than verifiers accept', async () => {
    const { tokens } = createTestIssuer({
      claims: () => ({ text: randomBytes(4_096).toString('hex') }),
    });
    expect(await codeOf(issueTokenPair(tokens, { subject: 'u_1' }))).toBe('token_too_large');
  });
});

describe('claims in a Map', () => {
  it('are refused, because JSON would silently lose them', async () => {
    const inMap = new Map([['role', 'admin']]) as unknown as Record<string, unknown>;
    const { tokens } = createTestIssuer({ claims: () => inMap });
    expect(await codeOf(issueTokenPair(tokens, { subject: 'u_1' }))).toBe(
      'temporarily_unavailable',
    );
  });
});
