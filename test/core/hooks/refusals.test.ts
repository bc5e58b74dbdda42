import {
  issueTokenPair,
  reauthenticated,
  refreshTokenPair,
  revokeSession,
  updateSession,
  type TokenIssuer,
  type TokenpairEvent,
} from '@tokenpair/core';
import { createRequestAuthenticator, guardClaim, guardScopes } from '@tokenpair/core/adapter';

import { createTestIssuer, type TestIssuer } from '../../support/issuer.js';

const login = (tokens: TokenIssuer) =>
  issueTokenPair(tokens, { subject: 'u_1', scope: 'a', metadata: { device: 'iPhone' } });
const request = { ip: '192.0.2.1' };

/** The code of a refused refresh. */
async function refuse(
  { tokens }: Pick<TestIssuer, 'tokens'>,
  refreshToken: string | undefined,
  options: object = {},
): Promise<string> {
  return refreshTokenPair(tokens, refreshToken, { request, ...options }).then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
}

describe('a refused refresh', () => {
  it('without a token has the reason missing', async () => {
    const issuer = createTestIssuer();
    await refuse(issuer, undefined);
    await refuse(issuer, '');
    const event = {
      type: 'refresh.refused',
      reason: 'missing',
      code: 'refresh_token_missing',
      request,
      time: expect.any(Number),
    };
    expect(issuer.refusals).toEqual([event, event]);
  });

  const ofOtherKeys = { hint: expect.stringContaining('refreshKeys') as string };

  it.each<[string, object]>([
    ['x', {}],
    ['tpr_x', ofOtherKeys],
    [`tpr_${'A'.repeat(112)}`, ofOtherKeys],
  ])(
    'with what is no token of the issuer has the reason garbled, and no session: %s',
    async (text, hint) => {
      const issuer = createTestIssuer();
      await refuse(issuer, text);
      expect(issuer.refusals).toEqual([
        {
          type: 'refresh.refused',
          reason: 'garbled',
          code: 'refresh_token_invalid',
          ...hint,
          request,
          time: expect.any(Number),
        },
      ]);
    },
  );

  it('with an altered token has the reason garbled', async () => {
    const issuer = createTestIssuer();
    const { refreshToken } = await login(issuer.tokens);
    const last = refreshToken.at(-1) === 'A' ? 'B' : 'A';
    await refuse(issuer, `${refreshToken.slice(0, -1)}${last}`);
    expect(issuer.refusals).toMatchObject([{ reason: 'garbled' }]);
    expect(issuer.refusals[0]).not.toHaveProperty('sessionId');
  });

  it('after a logout or the idle lifetime has the reason ended, and names the session', async () => {
    for (const end of ['logout', 'idle'] as const) {
      const issuer = createTestIssuer({ idleLifetime: '1h' });
      const { refreshToken, sessionId } = await login(issuer.tokens);
      if (end === 'logout') await revokeSession(issuer.tokens, { sessionId });
      else issuer.clock.advance(3_600);
      expect(await refuse(issuer, refreshToken)).toBe('refresh_token_invalid');
      expect(issuer.refusals).toMatchObject([{ reason: 'ended', sessionId, request }]);
    }
  });

  it('with a token under a removed key, whose session has ended, has the reason unknown', async () => {
    const issuer = createTestIssuer();
    const { refreshToken, sessionId } = await login(issuer.tokens);
    issuer.tokens.replaceRefreshKeys([{ kid: '2', secret: 'another secret of 32 bytes or more!' }]);
    await revokeSession(issuer.tokens, { sessionId });
    await refuse(issuer, refreshToken);
    expect(issuer.refusals).toMatchObject([{ reason: 'unknown' }]);
    expect(issuer.refusals[0]).not.toHaveProperty('sessionId');
  });

  it('with a spent token has the reason reused, and the metadata', async () => {
    const issuer = createTestIssuer({ reuseInterval: 0 });
    const { refreshToken, sessionId } = await login(issuer.tokens);
    await refreshTokenPair(issuer.tokens, refreshToken);
    issuer.clock.advance(1);
    await refuse(issuer, refreshToken);
    await refuse(issuer, refreshToken);
    expect(issuer.refusals).toMatchObject([
      { reason: 'reused', sessionId, subject: 'u_1', metadata: { device: 'iPhone' }, request },
      { reason: 'ended', sessionId },
    ]);
  });

  it('by the claims hook has the reason denied', async () => {
    const issuer = createTestIssuer({
      claims: (_subject, { reason }) => (reason === 'refresh' ? false : {}),
    });
    const { refreshToken, sessionId } = await login(issuer.tokens);
    await refuse(issuer, refreshToken);
    expect(issuer.refusals).toMatchObject([{ reason: 'denied', sessionId, subject: 'u_1' }]);
  });

  it('of another client, of another pair or with more scope has that reason', async () => {
    const issuer = createTestIssuer();
    const { refreshToken, sessionId } = await login(issuer.tokens);
    const other = await login(issuer.tokens);
    expect(await refuse(issuer, refreshToken, { clientId: 'app' })).toBe('refresh_token_invalid');
    const { accessToken } = other;
    expect(await refuse(issuer, refreshToken, { accessToken })).toBe('token_pair_mismatch');
    expect(await refuse(issuer, refreshToken, { scope: 'a b' })).toBe('scope_not_granted');
    expect(issuer.refusals).toMatchObject([
      { reason: 'client', sessionId },
      { reason: 'mismatch', code: 'token_pair_mismatch', sessionId },
      { reason: 'scope', code: 'scope_not_granted', sessionId, subject: 'u_1' },
    ]);
    expect(await refuse(issuer, refreshToken)).toBe('ok');
  });

  it('does not tell the client its reason', async () => {
    const issuer = createTestIssuer();
    const error: unknown = await refreshTokenPair(issuer.tokens, 'x').catch((thrown) => thrown);
    expect(JSON.stringify(error)).not.toContain('garbled');
  });
});

describe('the events of a session', () => {
  it('have its metadata, a frozen copy, and what is said of the request', async () => {
    const { tokens, events, clock } = createTestIssuer();
    const options = { request };
    const { refreshToken, sessionId } = await issueTokenPair(
      tokens,
      { subject: 'u_1', metadata: { device: { name: 'iPhone' } } },
      options,
    );
    await refreshTokenPair(tokens, refreshToken, options);
    clock.advance(120);
    await updateSession(tokens, sessionId, { scope: 'a' }, options);
    await reauthenticated(tokens, { sessionId }, {}, options);
    await revokeSession(tokens, { sessionId }, options);
    const about = { sessionId, subject: 'u_1', metadata: { device: { name: 'iPhone' } }, request };
    expect(events).toMatchObject([
      { type: 'session.issued', ...about },
      { type: 'session.refreshed', ...about },
      { type: 'session.updated', ...about },
      { type: 'session.reauthenticated', ...about },
      { type: 'session.revoked', reason: 'logout', ...about },
    ]);
    const metadata = events.map(
      (event: TokenpairEvent & { metadata?: { device?: object } }) => event.metadata,
    );
    for (const one of metadata) {
      expect(Object.isFrozen(one) && Object.isFrozen(one?.device)).toBe(true);
    }
    expect(new Set(metadata).size).toBe(events.length);
  });
});

describe('a guard that refuses a good token', () => {
  it.each([
    ['scopes', guardScopes('b c'), { code: 'scope_insufficient', scope: 'b c' }],
    ['a claim', guardClaim('role', 'admin'), { code: 'claim_refused' }],
  ])('for %s is heard, with subject, session and request', async (_what, guard, expected) => {
    const { tokens, events } = createTestIssuer();
    const { accessToken, sessionId } = await login(tokens);
    const { guard: run } = createRequestAuthenticator(tokens.verifier, {
      requestContext: (req) => ({ agent: req.headers['user-agent'] }),
    });
    const headers = { authorization: `Bearer ${accessToken}`, 'user-agent': 'test' };
    await expect(run({ headers }, guard, {})).rejects.toMatchObject({ status: 403 });
    expect(events.at(-1)).toEqual({
      type: 'request.refused',
      subject: 'u_1',
      sessionId,
      request: { agent: 'test' },
      time: expect.any(Number),
      ...expected,
    });
  });

  it('is heard once when the check of the application fails: as hook.failed', async () => {
    const { tokens, events } = createTestIssuer({ isRevoked: () => 'no' as never });
    const { accessToken } = await login(tokens);
    const { guard: run } = createRequestAuthenticator(tokens.verifier);
    const headers = { authorization: `Bearer ${accessToken}` };
    await expect(run({ headers }, guardScopes('a'), {})).rejects.toMatchObject({ status: 503 });
    expect(events.map(({ type }) => type)).toEqual(['session.issued', 'hook.failed']);
  });
});

describe('requestContext of bearer', () => {
  const headers = { authorization: 'Bearer x.y.z' };

  it('describes a refused request, and is not called for a good one', async () => {
    const { tokens, events } = createTestIssuer();
    const { accessToken } = await login(tokens);
    const asked: unknown[] = [];
    const { authenticate } = createRequestAuthenticator(tokens.verifier, {
      requestContext: (req) => asked.push(req) && { ip: '192.0.2.7' },
    });
    await authenticate({ headers: { authorization: `Bearer ${accessToken}` } });
    expect(asked).toEqual([]);
    await expect(authenticate({ headers })).rejects.toMatchObject({ status: 401 });
    expect(events.at(-1)).toMatchObject({
      type: 'verification.refused',
      request: { ip: '192.0.2.7' },
    });
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('that %s is reported, and changes no answer', async (_how, requestContext) => {
    const { tokens, events } = createTestIssuer();
    const { authenticate } = createRequestAuthenticator(tokens.verifier, { requestContext });
    await expect(authenticate({ headers })).rejects.toMatchObject({ status: 401 });
    expect(events).toMatchObject([
      { type: 'hook.failed', hook: 'requestContext' },
      { type: 'verification.refused' },
    ]);
  });

  it('must be a function', () => {
    const { tokens } = createTestIssuer();
    expect(() =>
      createRequestAuthenticator(tokens.verifier, { requestContext: 'ip' as never }),
    ).toThrow(/^requestContext must be a function/);
  });
});
