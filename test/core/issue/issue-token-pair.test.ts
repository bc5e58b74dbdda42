import {
  AccessDeniedError,
  issueTokenPair,
  listSessions,
  MemorySessionStore,
  refreshTokenPair,
  SessionLimitError,
  StoreFullError,
  TemporarilyUnavailableError,
  verifyBearer,
  type ClaimsAnswer,
  type LoginGrant,
  type TokenIssuer,
} from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';
import { audienceName, createTestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

const day = 86_400;

const login60 = (tokens: TokenIssuer) =>
  Promise.allSettled(Array.from({ length: 60 }, () => issueTokenPair(tokens, { subject: 'u_1' })));

describe('issuing a token pair', () => {
  it('returns an access token for minutes and a refresh token for weeks', async () => {
    const { tokens } = createTestIssuer();
    const pair = await issueTokenPair(tokens, { subject: 'u_1', scope: 'orders:read' });
    expect(pair).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.stringMatching(/^tpr_/),
      refreshTokenChanged: true,
      tokenType: 'Bearer',
      expiresIn: 300,
      refreshExpiresIn: 30 * day,
      sessionId: expect.stringMatching(/^[A-Za-z0-9_-]{38}$/),
      scope: 'orders:read',
    });
  });

  it('signs an access token for the new session, and the issuer verifies it', async () => {
    const { tokens } = createTestIssuer();
    const { accessToken, sessionId } = await issueTokenPair(tokens, {
      subject: 'u_1',
      scope: 'orders:read orders:write',
    });
    const token = await verifyBearer(tokens.verifier, `Bearer ${accessToken}`);
    expect(token).toMatchObject({ subject: 'u_1', sessionId });
    expect([...token.scopes]).toEqual(['orders:read', 'orders:write']);
  });

  it('creates a new session at every login', async () => {
    const { tokens } = createTestIssuer();
    const one = await issueTokenPair(tokens, { subject: 'u_1' });
    const other = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(other.sessionId).not.toBe(one.sessionId);
    expect(other.refreshToken).not.toBe(one.refreshToken);
    expect(other.accessToken).not.toBe(one.accessToken);
  });

  it('reports the session in one event that contains no token', async () => {
    const { tokens, events } = createTestIssuer();
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(events).toEqual([
      { type: 'session.issued', sessionId, subject: 'u_1', time: expect.any(Number) },
    ]);
  });

  it.each<[string, LoginGrant['scope'], string]>([
    ['text', 'a b', 'a b'],
    ['a list', ['a', 'b'], 'a b'],
    ['a list of texts', ['a b', 'c'], 'a b c'],
    ['repeated words', 'a b a', 'a b'],
    ['several spaces', ' a   b ', 'a b'],
    ['nothing', '', ''],
    ['an empty list', [], ''],
    ['undefined', undefined, ''],
    ['every character that a scope may have', '!#[]~:/.', '!#[]~:/.'],
    ['the longest text', 's'.repeat(2_048), 's'.repeat(2_048)],
  ])('accepts %s as scope', async (_what, scope, granted) => {
    const { tokens } = createTestIssuer();
    await expect(issueTokenPair(tokens, { subject: 'u_1', scope })).resolves.toMatchObject({
      scope: granted,
    });
  });

  it.each([
    'u|1',
    'u:1',
    'u\u00001',
    ' u_1 ',
    '__proto__',
    'constructor',
    '{"sub":"u_1"}',
    '\uFEFFu',
    'Zoë ☃ 日本語',
    '😀'.repeat(512),
    'x'.repeat(1_024),
  ])('keeps the subject %j unchanged', async (subject) => {
    const { tokens } = createTestIssuer();
    const first = await issueTokenPair(tokens, { subject });
    const { accessToken, sessionId } = await refreshTokenPair(tokens, first.refreshToken, {
      accessToken: first.accessToken,
    });
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toMatchObject({
      subject,
    });
    await expect(listSessions(tokens, subject)).resolves.toMatchObject([{ subject, sessionId }]);
  });

  it('keeps the metadata of the login when the object is changed later', async () => {
    const { tokens } = createTestIssuer();
    const metadata = { device: 'iPhone | 日本 "x" \uD800', nested: { list: [1, null, true] } };
    const then = structuredClone(metadata);
    await issueTokenPair(tokens, { subject: 'u_1', metadata });
    metadata.nested.list.length = 0;
    const [session] = await listSessions(tokens, 'u_1');
    expect(session?.metadata).toEqual(then);
  });

  it('accepts metadata and scope of the largest size together', async () => {
    const { tokens } = createTestIssuer();
    const metadata = { text: 'm'.repeat(4_096 - '{"text":""}'.length) };
    const { refreshToken } = await issueTokenPair(tokens, {
      subject: 'u_1',
      scope: 's'.repeat(2_048),
      metadata,
    });
    await expect(refreshTokenPair(tokens, refreshToken)).resolves.toBeDefined();
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ metadata }]);
  });
});

describe('issuing for a grant of wrong types', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;

  it.each<[string, unknown, string]>([
    ['no grant', undefined, 'grant'],
    ['null', null, 'grant'],
    ['text', 'u_1', 'grant'],
    ['a list', [{ subject: 'u_1' }], 'grant'],
    ['no subject', {}, 'subject'],
    ['an empty subject', { subject: '' }, 'subject'],
    ['a number for a subject', { subject: 7 }, 'subject'],
    ['an object for a subject', { subject: { toString: () => 'u_1' } }, 'subject'],
    ['a subject of 1025 characters', { subject: 'x'.repeat(1_025) }, 'subject'],
    ['a subject with a lone high surrogate', { subject: 'u\uD800' }, 'subject'],
    ['a subject with a lone low surrogate', { subject: '\uDC00u' }, 'subject'],
    ['a number for a scope', { subject: 'u', scope: 7 }, 'scope'],
    ['null for a scope', { subject: 'u', scope: null }, 'scope'],
    ['a scope with a quote', { subject: 'u', scope: 'a "b"' }, 'scope'],
    ['a scope with a backslash', { subject: 'u', scope: 'a\\b' }, 'scope'],
    ['a scope with a tab', { subject: 'u', scope: 'a\tb' }, 'scope'],
    ['a scope beyond ASCII', { subject: 'u', scope: 'ä' }, 'scope'],
    ['a scope list with a number', { subject: 'u', scope: ['a', 1] }, 'scope'],
    ['a scope of 2049 characters', { subject: 'u', scope: 's'.repeat(2_049) }, 'scope'],
    ['null for metadata', { subject: 'u', metadata: null }, 'metadata'],
    ['text for metadata', { subject: 'u', metadata: 'iPhone' }, 'metadata'],
    ['a list for metadata', { subject: 'u', metadata: ['iPhone'] }, 'metadata'],
    ['a function for metadata', { subject: 'u', metadata: () => ({}) }, 'metadata'],
    [
      'metadata that say nothing',
      { subject: 'u', metadata: { toJSON: () => undefined } },
      'metadata',
    ],
    ['metadata that are text as JSON', { subject: 'u', metadata: new Date(0) }, 'metadata'],
    [
      'metadata that are a list as JSON',
      { subject: 'u', metadata: { toJSON: () => [] } },
      'metadata',
    ],
    ['metadata in a circle', { subject: 'u', metadata: cyclic }, 'metadata'],
    ['metadata with a bigint', { subject: 'u', metadata: { size: 1n } }, 'metadata'],
    [
      'metadata of 4097 characters',
      { subject: 'u', metadata: { m: 'x'.repeat(4_089) } },
      'metadata',
    ],
  ])('refuses %s, names the option and stores nothing', async (_what, grant, name) => {
    const { tokens, calls, events } = createTestIssuer();
    const refusal = issueTokenPair(tokens, grant as LoginGrant);
    await expect(refusal).rejects.toThrow(TypeError);
    await expect(refusal).rejects.toThrow(new RegExp(`^${name}\\b`));
    await expect(refusal).rejects.not.toThrow('iPhone');
    expect(calls).toEqual([]);
    expect(events).toEqual([]);
  });
});

describe('issuing with a claims hook', () => {
  it('passes the session and the reason for the token to the hook', async () => {
    const claims = jest.fn(() => ({ role: 'admin' }));
    const { tokens, clock } = createTestIssuer({ claims });
    const metadata = { device: 'iPhone' };
    const { sessionId } = await issueTokenPair(tokens, { subject: 'u_1', scope: 'a b', metadata });
    expect(claims.mock.calls).toEqual([
      [
        'u_1',
        {
          sessionId,
          scope: 'a b',
          metadata,
          audience: [audienceName],
          persistent: true,
          authentication: { time: clock.now() / 1_000 },
          createdAt: undefined,
          reason: 'issue',
          request: undefined,
        },
      ],
    ]);
  });

  it('passes everything that was granted to the hook, and the request as it is', async () => {
    const claims = jest.fn(() => ({}));
    const { tokens } = createTestIssuer({ claims, audience: ['https://a.test', 'https://b.test'] });
    const request = { ip: '192.0.2.1' };
    const authentication = { time: 1_700_000_000, acr: 'phr', amr: ['hwk'] };
    const actor = { subject: 'staff', claims: { dept: 7 } };
    const grant = { subject: 'u_1', clientId: 'app', audience: 'https://b.test', actor };
    await issueTokenPair(tokens, { ...grant, persistent: false, authentication }, { request });
    expect(claims.mock.calls).toEqual([
      [
        'u_1',
        {
          sessionId: expect.any(String),
          scope: '',
          metadata: {},
          clientId: 'app',
          audience: ['https://b.test'],
          persistent: false,
          authentication,
          actor,
          createdAt: undefined,
          reason: 'issue',
          request,
        },
      ],
    ]);
    const [[, session]] = claims.mock.calls as unknown as [[string, { request: unknown }]];
    expect(session.request).toBe(request);
  });

  it('adds the claims that the hook returns to the access token', async () => {
    const { tokens } = createTestIssuer({
      claims: (subject) => Promise.resolve({ role: 'admin', of: subject }),
    });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { claims } = await verifyBearer(tokens.verifier, `Bearer ${accessToken}`);
    expect(claims).toMatchObject({ role: 'admin', of: 'u_1' });
  });

  it('refuses the login when the hook denies, and stores nothing', async () => {
    const { tokens, calls, events } = createTestIssuer({ claims: () => false });
    const login = issueTokenPair(tokens, { subject: 'u_1' });
    await expect(login).rejects.toThrow(AccessDeniedError);
    await expect(login).rejects.toMatchObject({
      code: 'access_denied',
      status: 403,
      action: 'fix',
    });
    expect(calls).toEqual([]);
    expect(events).toEqual([
      {
        type: 'request.refused',
        code: 'access_denied',
        subject: 'u_1',
        time: expect.any(Number),
      },
    ]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['answers undefined', () => undefined],
    ['answers true', () => true],
    ['answers null', () => null],
    ['answers text', () => 'admin'],
    ['answers a list', () => ['admin']],
    ['answers a promise of nothing', () => Promise.resolve()],
    ['answers a reserved claim', () => ({ sub: 'u_2' })],
    ['answers what JSON cannot say', () => ({ size: 1n })],
  ])('answers 503 and stores nothing when the hook %s', async (_what, hook) => {
    const { tokens, calls, events } = createTestIssuer({ claims: hook as () => ClaimsAnswer });
    const login = issueTokenPair(tokens, { subject: 'u_1' });
    await expect(login).rejects.toThrow(TemporarilyUnavailableError);
    await expect(login).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      status: 503,
      action: 'retry',
      cause: expect.any(Error),
    });
    expect(calls).toEqual([]);
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'claims' }]);
  });
});

describe('issuing when the store refuses the session', () => {
  it('answers store_full when the store has no room, and ends no session', async () => {
    const clock = createTestClock();
    const store = new MemorySessionStore({ capacity: 1, clock: clock.now });
    const { tokens, events } = createTestIssuer({ store, clock: clock.now });
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    const login = issueTokenPair(tokens, { subject: 'u_2' });
    await expect(login).rejects.toThrow(StoreFullError);
    await expect(login).rejects.toMatchObject({ code: 'store_full', status: 503, action: 'retry' });
    expect(events).toHaveLength(1);
    await expect(refreshTokenPair(tokens, first.refreshToken)).resolves.toBeDefined();
  });

  it('answers session_limit at the limit with reject, and leaves the other sessions unchanged', async () => {
    const { tokens, events } = createTestIssuer({ maxSessions: 1, onSessionLimit: 'reject' });
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    const login = issueTokenPair(tokens, { subject: 'u_1' });
    await expect(login).rejects.toThrow(SessionLimitError);
    await expect(login).rejects.toMatchObject({
      code: 'session_limit',
      status: 403,
      action: 'fix',
    });
    expect(events).toMatchObject([
      { type: 'session.issued' },
      { type: 'request.refused', code: 'session_limit', subject: 'u_1' },
    ]);
    await expect(issueTokenPair(tokens, { subject: 'u_2' })).resolves.toBeDefined();
    await expect(refreshTokenPair(tokens, first.refreshToken)).resolves.toBeDefined();
  });
});

describe('60 logins at once with at most 5 sessions', () => {
  it('leave exactly 5 sessions that can refresh with evict-oldest, and report the other 55 as evicted', async () => {
    const { tokens, events } = createTestIssuer({ maxSessions: 5 });
    const pairs = (await login60(tokens)).flatMap((one) =>
      one.status === 'fulfilled' ? [one.value] : [],
    );
    const listed = (await listSessions(tokens, 'u_1')).map(({ sessionId }) => sessionId);
    const refreshed: string[] = [];
    for (const { refreshToken, sessionId } of pairs) {
      if ((await codeOf(refreshTokenPair(tokens, refreshToken))) === 'ok')
        refreshed.push(sessionId);
    }
    const evicted = events.flatMap((event) =>
      event.type === 'session.evicted' ? [event.sessionId] : [],
    );

    expect(pairs).toHaveLength(60);
    expect(listed).toHaveLength(5);
    expect(refreshed.toSorted()).toEqual(listed.toSorted());
    expect(new Set([...evicted, ...listed]).size).toBe(60);
    expect(evicted).toHaveLength(55);
  });

  it('create exactly 5 sessions with reject, and refuse the other 55', async () => {
    const { tokens } = createTestIssuer({ maxSessions: 5, onSessionLimit: 'reject' });
    const logins = await login60(tokens);
    const refused = logins.filter(
      (one) => one.status === 'rejected' && one.reason instanceof SessionLimitError,
    );
    expect(refused).toHaveLength(55);
    await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(5);
  });

  it('count only live sessions', async () => {
    const { tokens, clock } = createTestIssuer({ maxSessions: 5, onSessionLimit: 'reject' });
    await login60(tokens);
    clock.advance(30 * day);
    await expect(issueTokenPair(tokens, { subject: 'u_1' })).resolves.toBeDefined();
  });
});

describe('issuing beyond the session limit', () => {
  it('ends the least recently refreshed session', async () => {
    const { tokens, clock, events } = createTestIssuer({ maxSessions: 2 });
    const older = await issueTokenPair(tokens, { subject: 'u_1' });
    clock.advance(1);
    const newer = await issueTokenPair(tokens, { subject: 'u_1' });
    clock.advance(1);
    const refreshed = await refreshTokenPair(tokens, older.refreshToken);
    await issueTokenPair(tokens, { subject: 'u_1' });
    expect(events).toContainEqual({
      type: 'session.evicted',
      sessionId: newer.sessionId,
      subject: 'u_1',
      time: expect.any(Number),
    });
    expect(await codeOf(refreshTokenPair(tokens, newer.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(await codeOf(refreshTokenPair(tokens, refreshed.refreshToken))).toBe('ok');
  });

  it('reports no reuse when the evicted client tries to refresh', async () => {
    const { tokens, events } = createTestIssuer({ maxSessions: 1 });
    const evicted = await issueTokenPair(tokens, { subject: 'u_1' });
    const kept = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(await codeOf(refreshTokenPair(tokens, evicted.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(events.map(({ type }) => type)).not.toContain('refresh.reused');
    expect(await codeOf(refreshTokenPair(tokens, kept.refreshToken))).toBe('ok');
  });
});

describe('issuing while the clock is broken', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -1])(
    'answers 503 for %p and stores nothing',
    async (nonsense) => {
      const { tokens, clock, calls } = createTestIssuer({ store: new MemorySessionStore() });
      clock.set(nonsense);
      expect(await codeOf(issueTokenPair(tokens, { subject: 'u_1' }))).toBe(
        'temporarily_unavailable',
      );
      expect(calls).toEqual([]);
    },
  );
});
