import { tokenEndpoints as expressEndpoints, authErrors } from '@tokenpair/express';
import {
  issueTokenPair,
  listSessions,
  reauthenticated,
  refreshTokenPair,
  TokenTooLargeError,
  updateSession,
  verifyBearer,
  type ClaimsHook,
  type LoginGrant,
} from '@tokenpair/core';
import { tokenEndpoints as koaEndpoints } from '@tokenpair/koa';
import express from 'express5';
import Koa from 'koa3';

import { send, startServer } from '../../support/http.js';
import { createTestIssuer, ownerOf } from '../../support/issuer.js';
import { createTestKey } from '../../support/keys.js';
import { toListener } from '../../support/koa-listener.js';
import { codeOf } from '../../support/outcome.js';

const day = 86_400;
const longUrl = (length: number) => `https://issuer.test/${'x'.repeat(length - 20)}`;

/** An issuer whose hook returns as many claims as a test needs. */
function createTalkativeIssuer() {
  const world = { length: 0 };
  const claims: ClaimsHook = () => ({ text: 'x'.repeat(world.length) });
  return { ...createTestIssuer({ claims }), world };
}

describe('a claims hook that returns more than fits into an access token', () => {
  it('makes a login fail with its own error code, and stores nothing', async () => {
    const { tokens, calls, world } = createTalkativeIssuer();
    world.length = 8_192;
    const login = issueTokenPair(tokens, { subject: 'u_1' });
    await expect(login).rejects.toThrow(TokenTooLargeError);
    await expect(login).rejects.toMatchObject({
      code: 'token_too_large',
      status: 500,
      error: 'server_error',
      action: 'fix',
    });
    await expect(login).rejects.not.toHaveProperty(['headers', 'Retry-After']);
    expect(calls).toEqual([]);
  });

  it('is reported in one event with the length and the limit, and without the claims', async () => {
    const { tokens, events, world } = createTalkativeIssuer();
    world.length = 9_000;
    const error: unknown = await issueTokenPair(tokens, { subject: 'u_1' }).catch((one) => one);
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'claims' }]);
    const [{ cause }] = events as unknown as [{ cause: RangeError }];
    expect(error).toMatchObject({ cause });
    expect(cause).toBeInstanceOf(RangeError);
    expect(cause.message).toMatch(/ 12\d{3} characters; verifiers accept 8192\b/);
    expect(cause.message).not.toContain('xxx');
  });

  it('spends nothing at a refresh: the token works once the hook returns less, even days later', async () => {
    const { tokens, clock, events, calls, world } = createTalkativeIssuer();
    const pair = await issueTokenPair(tokens, { subject: 'u_1' });
    const before = await listSessions(tokens, 'u_1');
    world.length = 9_000;
    for (const seconds of [0, 29, 31, 2 * day]) {
      clock.advance(seconds);
      calls.length = 0;
      expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('token_too_large');
      expect(calls).toEqual(['get']);
    }
    expect(await listSessions(tokens, 'u_1')).toEqual(before);
    world.length = 0;
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('ok');
    const types = new Set(events.map(({ type }) => type));
    expect(types).toEqual(new Set(['session.issued', 'hook.failed', 'session.refreshed']));
  });

  it('may return claims up to the limit', async () => {
    const { tokens, world } = createTalkativeIssuer();
    const lengthOf = async () =>
      (await issueTokenPair(tokens, { subject: 'u_1' })).accessToken.length;
    // Three bytes of claims take four characters of a token.
    world.length = 5_000;
    world.length += Math.floor(((8_192 - (await lengthOf())) * 3) / 4) - 1;
    expect(await lengthOf()).toBeGreaterThan(8_186);
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toBeDefined();
    world.length += 6;
    expect(await codeOf(issueTokenPair(tokens, { subject: 'u_1' }))).toBe('token_too_large');
  });

  it.each(['Express', 'Koa'])(
    'is a 500 over HTTP, which says nothing of a retry: %s',
    async (name) => {
      const { tokens, world } = createTalkativeIssuer();
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      const app =
        name === 'Koa'
          ? toListener(new Koa().use(koaEndpoints(tokens, { mount: '/auth' })))
          : express()
              .post('/login', async (_req, res) => {
                res.json(await issueTokenPair(tokens, { subject: 'u_1' }));
              })
              .use('/auth', expressEndpoints(tokens))
              .use(authErrors());
      const { port, close } = await startServer(app);
      try {
        world.length = 9_000;
        const headers = { 'content-type': 'application/x-www-form-urlencoded' };
        const body = `grant_type=refresh_token&refresh_token=${refreshToken}`;
        const paths = ['/auth/refresh', '/auth/token', ...(name === 'Koa' ? [] : ['/login'])];
        for (const path of paths) {
          const response = await send(port, { method: 'POST', path, headers, body });
          expect(response.status).toBe(500);
          expect(response.headers).not.toHaveProperty('retry-after');
          expect(response.headers).not.toHaveProperty('set-cookie');
          expect(JSON.parse(response.body)).toMatchObject({
            error: 'server_error',
            code: 'token_too_large',
            action: 'fix',
          });
        }
        world.length = 0;
        const repaired = await send(port, { method: 'POST', path: '/auth/refresh', headers, body });
        expect(repaired.status).toBe(200);
      } finally {
        await close();
      }
    },
  );
});

describe('a grant that is too large for an access token', () => {
  it.each<[string, LoginGrant]>([
    ['control characters', { subject: '\u0000'.repeat(1_024) }],
    ['emojis with the longest scope', { subject: '日'.repeat(1_024), scope: 's'.repeat(2_048) }],
  ])(
    'causes a TypeError at login that says so, and nothing is stored: %s',
    async (_what, grant) => {
      const { tokens, calls } = createTestIssuer();
      const login = issueTokenPair(tokens, grant);
      await expect(login).rejects.toThrow(TypeError);
      await expect(login).rejects.toThrow(/^subject and scope must take at most 4096 bytes/);
      expect(calls).toEqual([]);
    },
  );

  const longest: readonly (readonly [string, LoginGrant])[] = [
    ['subject and scope alone', { subject: '😀'.repeat(512), scope: 's'.repeat(2_048) }],
    [
      'subject and scope beside an authentication and an actor',
      {
        subject: `${'😀'.repeat(498)}xx`,
        scope: 's'.repeat(2_048),
        // 54 bytes of JSON.
        authentication: { acr: 'a'.repeat(20), amr: ['m'.repeat(10)] },
        actor: { subject: 't'.repeat(8) },
      },
    ],
  ];

  it.each(longest)(
    'cannot occur within the accepted sizes, even with the longest issuer, audience and key: %s',
    async (_what, largest) => {
      for (const algorithm of ['HS256', 'ES512', 'RS256'] as const) {
        const key = createTestKey(algorithm, 'k'.repeat(20)).signing;
        const make = (length: number) =>
          createTestIssuer({ keys: [key], issuer: longUrl(length), clock: () => 1e300 });
        const { tokens } = make(findLongest((length) => accepts(() => make(length))));
        const { accessToken } = await issueTokenPair(tokens, largest);
        expect(accessToken.length).toBeGreaterThan(8_100);
        expect(accessToken.length).toBeLessThanOrEqual(8_192);
        await expect(
          issueTokenPair(tokens, { ...largest, subject: `${largest.subject}x` }),
        ).rejects.toThrow(TypeError);
      }
    },
  );
});

describe('an issuer whose issuer and audience names are too long for an access token', () => {
  it.each([
    ['many audiences', { audience: Array.from({ length: 6 }, () => longUrl(2_000)) }],
    ['a long issuer and a long audience', { issuer: longUrl(2_048), audience: longUrl(2_048) }],
  ])('fails at construction and says what to do: %s', (_what, options) => {
    const make = () => createTestIssuer(options);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(
      /^issuer and audience are too long: .* verifiers accept 8192\. Shorten them/,
    );
  });

  it('refuses keys whose signatures leave no room, and keeps its current keys', async () => {
    const { tokens } = createTestIssuer({ issuer: longUrl(1_450), clientId: 'app' });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { signing } = createTestKey('RS256', 'k'.repeat(256));
    expect(() => tokens.replaceKeys([signing])).toThrow(/^issuer and audience are too long/);
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toBeDefined();
    await expect(issueTokenPair(tokens, { subject: 'u_1' })).resolves.toBeDefined();
  });
});

describe('a step-up that is too large for an access token', () => {
  const large = { acr: '日'.repeat(256), amr: Array.from({ length: 16 }, () => 'm'.repeat(64)) };

  it('is a TypeError that says so, and nothing is changed', async () => {
    const { tokens, store } = createTestIssuer();
    const scope = 's'.repeat(2_048);
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u'.repeat(1_000), scope });
    const before = await store.get(sessionId);
    await expect(reauthenticated(tokens, { sessionId }, large)).rejects.toThrow(
      /^subject and scope must take at most 4096 bytes of JSON together, with clientId, authentication/,
    );
    expect(await store.get(sessionId)).toEqual(before);
  });

  it('leaves no room for an update, so that no refresh fails later', async () => {
    const { tokens } = createTestIssuer();
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u'.repeat(1_000) });
    const pair = await reauthenticated(tokens, { sessionId }, large);
    await expect(updateSession(tokens, sessionId, { scope: 's'.repeat(2_048) })).rejects.toThrow(
      /^subject and scope must take at most 4096 bytes/,
    );
    expect(await codeOf(refreshTokenPair(tokens, pair.refreshToken))).toBe('ok');
  });
});

describe('the data of a session', () => {
  it('are never longer than a store must accept', async () => {
    const { tokens, store } = createTestIssuer();
    const filler = 'm'.repeat(4_096 - '{"text":""}'.length);
    await issueTokenPair(tokens, {
      subject: 'u_1',
      scope: 's'.repeat(2_048),
      metadata: { text: filler },
    });
    const [session] = await store.list(ownerOf('u_1'));
    expect(session?.data.length).toBeLessThanOrEqual(8_192);
    // A character that JSON writes as six characters counts as six.
    const escaped = { text: '\uD800'.repeat(1_000) };
    await expect(issueTokenPair(tokens, { subject: 'u_1', metadata: escaped })).rejects.toThrow(
      /^metadata must be/,
    );
  });
});

/** The longest issuer that is accepted. */
function findLongest(isAccepted: (length: number) => boolean): number {
  let [good, bad] = [21, 2_049];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isAccepted(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

function accepts(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}
