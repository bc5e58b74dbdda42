import crypto, { randomBytes } from 'node:crypto';

import {
  type AuthError,
  InvalidRefreshTokenError,
  issueTokenPair,
  listSessions,
  MemorySessionStore,
  MissingRefreshTokenError,
  refreshTokenPair,
  revokeSession,
  revokeSubject,
  RefreshPendingError,
  ScopeNotGrantedError,
  TemporarilyUnavailableError,
  verifyBearer,
  type ClaimsAnswer,
  type TokenIssuer,
} from '@tokenpair/core';
import { StoreUnavailableError, type SessionSnapshot } from '@tokenpair/core/store';
import type { RefreshKeys } from '../../../packages/core/src/issue/refresh-keys.js';
import { alterStore } from '../../support/altered-store.js';
import { audienceName, createTestIssuer, ownerOf, type TestIssuer } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';
import { readByHand } from '../../support/refresh-token-by-hand.js';

const hour = 3_600;
const day = 24 * hour;

/** One second more than the settle time, in which a session does not rotate again. */
const settled = 61;

const minutes = (count: number) => () => Date.now() + count * 60_000;

const types = ({ events }: TestIssuer) => events.map(({ type }) => type);

async function login(tokens: TokenIssuer): Promise<string> {
  const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1', scope: 'a b c' });
  return refreshToken;
}

/** The first to the n-th refresh token of a session, each the successor of the one before, a settle time apart. */
async function lineage(
  { tokens, clock }: Pick<TestIssuer, 'tokens' | 'clock'>,
  length: number,
): Promise<readonly string[]> {
  const line = [await login(tokens)];
  while (line.length < length) {
    if (line.length > 1) clock.advance(settled);
    const { refreshToken } = await refreshTokenPair(tokens, line.at(-1));
    line.push(refreshToken);
  }
  return line;
}

function codesOf(tokens: TokenIssuer, refreshToken: string | undefined, times: number) {
  return Promise.all(
    Array.from({ length: times }, () => codeOf(refreshTokenPair(tokens, refreshToken))),
  );
}

describe('refreshing', () => {
  it('returns the next token pair of the same session', async () => {
    const issuer = createTestIssuer();
    const first = await issueTokenPair(issuer.tokens, { subject: 'u_1', scope: 'a b' });
    issuer.clock.advance(10);
    const next = await refreshTokenPair(issuer.tokens, first.refreshToken);
    expect(next).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.stringMatching(/^tpr_/),
      refreshTokenChanged: true,
      tokenType: 'Bearer',
      expiresIn: 300,
      refreshExpiresIn: 30 * day,
      sessionId: first.sessionId,
      scope: 'a b',
    });
    expect(next.refreshToken).not.toBe(first.refreshToken);
    expect(readByHand(next.refreshToken).generation).toBe(2);
  });

  it('calls the store once, and signs an access token for the same subject and session', async () => {
    const { tokens, calls } = createTestIssuer();
    const refreshToken = await login(tokens);
    calls.length = 0;
    const { accessToken, sessionId } = await refreshTokenPair(tokens, refreshToken);
    expect(calls).toEqual(['swap']);
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toMatchObject({
      subject: 'u_1',
      sessionId,
    });
  });

  it('reports it in one event, with the generation and without a token', async () => {
    const { tokens, events } = createTestIssuer();
    const { sessionId, refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    events.length = 0;
    await refreshTokenPair(tokens, refreshToken);
    await refreshTokenPair(tokens, refreshToken);
    const event = {
      type: 'session.refreshed',
      sessionId,
      subject: 'u_1',
      generation: 2,
      presentedGeneration: 1,
      time: expect.any(Number),
    };
    expect(events).toEqual([
      { ...event, how: 'rotated' },
      { ...event, how: 'replayed' },
    ]);
  });

  it('keeps one record for the session after any number of refreshes', async () => {
    const issuer = createTestIssuer();
    const line = await lineage(issuer, 200);
    const records = await issuer.store.list(ownerOf('u_1'));
    expect(records).toMatchObject([
      { generation: 200, state: expect.stringMatching(/^1 199\.[\w-]{22}$/) },
    ]);
    expect(JSON.stringify(records).length).toBeLessThan(1_000);
    expect(new Set(line).size).toBe(200);
  });

  it.each([undefined, null, ''])('refuses %p as a missing refresh token', async (nothing) => {
    const { tokens, calls } = createTestIssuer();
    const refusal = refreshTokenPair(tokens, nothing);
    await expect(refusal).rejects.toThrow(MissingRefreshTokenError);
    await expect(refusal).rejects.toMatchObject({
      code: 'refresh_token_missing',
      status: 401,
      action: 'login',
    });
    expect(calls).toEqual([]);
  });

  it('refuses a token of an unknown session without an event', async () => {
    const { tokens } = createTestIssuer();
    const elsewhere = createTestIssuer({
      refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 9) }],
    });
    const here = elsewhere.another({ store: new MemorySessionStore() });
    const refreshToken = await login(here);
    expect(await codeOf(refreshTokenPair(elsewhere.tokens, refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(elsewhere.events.map(({ type }) => type)).toEqual(['session.issued']);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
  });
});

describe('refreshing twice with one token', () => {
  it('gives two tabs that refresh together the same refresh token', async () => {
    const { tokens } = createTestIssuer();
    const refreshToken = await login(tokens);
    const [one, other] = await Promise.all([
      refreshTokenPair(tokens, refreshToken),
      refreshTokenPair(tokens, refreshToken),
    ]);
    expect(other.refreshToken).toBe(one.refreshToken);
  });

  it('repeats a lost answer up to the last instant of the reuse interval', async () => {
    const { tokens, clock } = createTestIssuer();
    const refreshToken = await login(tokens);
    const lost = await refreshTokenPair(tokens, refreshToken);
    clock.advance(30);
    const again = await refreshTokenPair(tokens, refreshToken);
    expect(again.refreshToken).toBe(lost.refreshToken);
  });

  it('writes nothing the second time', async () => {
    const { tokens, store, clock } = createTestIssuer();
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    await refreshTokenPair(tokens, refreshToken);
    const before = await store.get(sessionId);
    clock.advance(5);
    await refreshTokenPair(tokens, refreshToken);
    const after = await store.get(sessionId);
    expect(after).toEqual({ ...before, asOf: (before?.asOf ?? 0) + 5_000 });
  });

  it.each([
    [30.001, '30'],
    [31, '29'],
    [45.5, '15'],
    [59.999, '1'],
    [60, '1'],
  ])(
    'asks to retry later %d s after the rotation, and reports no reuse',
    async (seconds, retryAfter) => {
      const issuer = createTestIssuer();
      const { tokens, store } = issuer;
      const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
      const next = await refreshTokenPair(tokens, refreshToken);
      const before = await store.get(sessionId);
      issuer.clock.advance(seconds);
      const refusal = refreshTokenPair(tokens, refreshToken);
      await expect(refusal).rejects.toThrow(RefreshPendingError);
      await expect(refusal).rejects.toMatchObject({
        code: 'refresh_pending',
        error: 'temporarily_unavailable',
        status: 503,
        action: 'retry',
        headers: { 'Retry-After': retryAfter },
      });
      expect(issuer.events.at(-1)).toEqual({
        type: 'refresh.pending',
        sessionId,
        subject: 'u_1',
        presentedGeneration: 1,
        storedGeneration: 2,
        time: expect.any(Number),
      });
      expect(await store.get(sessionId)).toEqual({ ...before, asOf: issuer.clock.now() });
      issuer.clock.advance(Number(retryAfter) + 0.001);
      const after = await refreshTokenPair(tokens, next.refreshToken);
      expect(after.refreshTokenChanged).toBe(true);
    },
  );

  it('ends the session one millisecond after the settle time', async () => {
    const issuer = createTestIssuer();
    const refreshToken = await login(issuer.tokens);
    const next = await refreshTokenPair(issuer.tokens, refreshToken);
    issuer.clock.advance(60.001);
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(await codeOf(refreshTokenPair(issuer.tokens, next.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(types(issuer).filter((type) => type === 'refresh.reused')).toHaveLength(1);
  });

  it('ends the session at once with a reuse interval of 0', async () => {
    const issuer = createTestIssuer({ reuseInterval: 0 });
    const refreshToken = await login(issuer.tokens);
    await refreshTokenPair(issuer.tokens, refreshToken);
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(types(issuer)).toContain('refresh.reused');
  });

  it('uses the configured reuse interval', async () => {
    const { tokens, clock } = createTestIssuer({ reuseInterval: '5m' });
    const refreshToken = await login(tokens);
    await refreshTokenPair(tokens, refreshToken);
    clock.advance(300);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
    clock.advance(0.001);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_pending');
    clock.advance(300);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
  });

  it.each([0, 30])(
    'returns the same successor when the client library repeats the command, at a reuse interval of %i s',
    async (reuseInterval) => {
      const issuer = createTestIssuer({ reuseInterval });
      const { another, clock, store } = issuer;
      const tokens = another({
        store: alterStore(store, {
          swap: async (...command) => {
            await store.swap(...command);
            return store.swap(...command);
          },
        }),
      });
      const line = await lineage({ tokens, clock }, 5);
      expect(new Set(line).size).toBe(5);
    },
  );

  it('uses the clock of the store, even when the clocks of the servers are wrong', async () => {
    const { another, store } = createTestIssuer({ store: new MemorySessionStore() });
    const early = another({ store, clock: minutes(-5) });
    const late = another({ store, clock: minutes(5) });
    const refreshToken = await login(early);
    const one = await refreshTokenPair(late, refreshToken);
    const other = await refreshTokenPair(early, refreshToken);
    expect(other.refreshToken).toBe(one.refreshToken);
  });
});

describe('refreshing again within the settle time', () => {
  it('returns a new access token and the same refresh token, and writes nothing', async () => {
    const { tokens, store, clock, events } = createTestIssuer();
    const first = await issueTokenPair(tokens, { subject: 'u_1', scope: 'a' });
    const second = await refreshTokenPair(tokens, first.refreshToken);
    const before = await store.get(first.sessionId);
    clock.advance(60);
    const held = await refreshTokenPair(tokens, second.refreshToken);
    expect(held).toEqual({
      ...second,
      accessToken: expect.any(String),
      refreshTokenChanged: false,
      refreshExpiresIn: 30 * day - 60,
    });
    expect(held.accessToken).not.toBe(second.accessToken);
    expect(await store.get(first.sessionId)).toEqual({ ...before, asOf: clock.now() });
    expect(events.at(-1)).toMatchObject({ type: 'session.refreshed', generation: 2, how: 'held' });
    clock.advance(0.001);
    const third = await refreshTokenPair(tokens, held.refreshToken);
    expect(third.refreshTokenChanged).toBe(true);
  });

  it('calls the store once', async () => {
    const { tokens, calls } = createTestIssuer();
    const { refreshToken } = await refreshTokenPair(tokens, await login(tokens));
    calls.length = 0;
    await refreshTokenPair(tokens, refreshToken);
    expect(calls).toEqual(['swap']);
  });

  it('rotates at every refresh with a reuse interval of 0', async () => {
    const { tokens } = createTestIssuer({ reuseInterval: 0 });
    const second = await refreshTokenPair(tokens, await login(tokens));
    const third = await refreshTokenPair(tokens, second.refreshToken);
    expect(third.refreshTokenChanged).toBe(true);
  });

  it('limits the settle time to half the idle lifetime of the session', async () => {
    const { tokens, another, clock, calls } = createTestIssuer({
      reuseInterval: 1,
      idleLifetime: 20,
    });
    const second = await refreshTokenPair(tokens, await login(tokens));
    // The interval has been raised since: its settle time of a minute is longer than the idle lifetime of the session.
    const raised = another({ reuseInterval: 30, idleLifetime: '30d' });
    clock.advance(10);
    expect((await refreshTokenPair(raised, second.refreshToken)).refreshTokenChanged).toBe(false);
    clock.advance(0.001);
    calls.length = 0;
    expect((await refreshTokenPair(raised, second.refreshToken)).refreshTokenChanged).toBe(true);
    expect(calls).toEqual(['swap', 'swap']);
  });

  it('limits the reuse interval to half of that settle time', async () => {
    const { tokens, another, clock } = createTestIssuer({ reuseInterval: 1, idleLifetime: 20 });
    const refreshToken = await login(tokens);
    const second = await refreshTokenPair(tokens, refreshToken);
    const raised = another({ reuseInterval: 30, idleLifetime: '30d' });
    clock.advance(5);
    const replayed = await refreshTokenPair(raised, refreshToken);
    expect(replayed.refreshToken).toBe(second.refreshToken);
    clock.advance(0.001);
    await expect(refreshTokenPair(raised, refreshToken)).rejects.toMatchObject({
      code: 'refresh_pending',
      headers: { 'Retry-After': '5' },
    });
    clock.advance(5);
    expect(await codeOf(refreshTokenPair(raised, refreshToken))).toBe('refresh_token_invalid');
  });

  it('rotates when the clock of the store was ahead by more than the settle time and was corrected', async () => {
    const { tokens, clock } = createTestIssuer();
    const second = await refreshTokenPair(tokens, await login(tokens));
    clock.advance(-60);
    expect((await refreshTokenPair(tokens, second.refreshToken)).refreshTokenChanged).toBe(false);
    clock.advance(-0.001);
    expect((await refreshTokenPair(tokens, second.refreshToken)).refreshTokenChanged).toBe(true);
  });

  // One opens the token; two derive and seal a successor. Without a look at the record, that is done before it is known to be needed.
  it.each([
    ['no hook', undefined],
    ['a hook', () => ({})],
  ])('computes at most three HMACs for any refresh, with %s', async (_how, claims) => {
    const { tokens, clock } = createTestIssuer({ claims });
    const count = watchHmacs(tokens);
    const first = await login(tokens);
    const counts: number[] = [];
    const refresh = async (token: string) => {
      const before = count();
      const { refreshToken } = await refreshTokenPair(tokens, token);
      counts.push(count() - before);
      return refreshToken;
    };
    const second = await refresh(first);
    await refresh(second);
    await refresh(first);
    clock.advance(settled);
    await refresh(second);
    jest.restoreAllMocks();
    expect(counts).toEqual([3, 3, 3, 3]);
  });
});

/** How many HMACs have been computed under the refresh keys of an issuer. */
function watchHmacs(tokens: TokenIssuer): () => number {
  const { refreshKeys } = tokens as unknown as { refreshKeys: RefreshKeys };
  const keys = new Set<unknown>(
    [...refreshKeys.byId.values()].flatMap(({ mac, ratchet }) => [mac, ratchet]),
  );
  const createHmac = jest.spyOn(crypto, 'createHmac');
  return () => createHmac.mock.calls.filter(([, key]) => keys.has(key)).length;
}

describe('a refresh token that comes out of turn', () => {
  it('ends the session, even inside the reuse interval, when it is older than the predecessor', async () => {
    const issuer = createTestIssuer();
    const [first, , third] = await lineage(issuer, 3);
    issuer.clock.advance(1);
    expect(await codeOf(refreshTokenPair(issuer.tokens, first))).toBe('refresh_token_invalid');
    expect(await codeOf(refreshTokenPair(issuer.tokens, third))).toBe('refresh_token_invalid');
    await expect(listSessions(issuer.tokens, 'u_1')).resolves.toEqual([]);
  });

  it('is reported in one event with both generations, and the end of the session in another', async () => {
    const issuer = createTestIssuer();
    const { tokens, events } = issuer;
    const [first] = await lineage(issuer, 4);
    events.length = 0;
    await codesOf(tokens, first, 50);
    const about = { sessionId: expect.any(String), subject: 'u_1', time: expect.any(Number) };
    expect(events).toEqual([
      {
        ...about,
        type: 'refresh.reused',
        presentedGeneration: 1,
        storedGeneration: 4,
        confirmed: 0,
        sinceRotation: 0,
        metadata: {},
      },
      { ...about, type: 'session.revoked', reason: 'reuse' },
    ]);
  });

  it.each([
    ['no hook', undefined],
    ['a hook', () => ({})],
  ])('is refused 50 times at once, with %s, and reported in one event', async (_how, claims) => {
    const issuer = createTestIssuer({ claims });
    const [first] = await lineage(issuer, 3);
    const codes = await codesOf(issuer.tokens, first, 50);
    expect(new Set(codes)).toEqual(new Set(['refresh_token_invalid']));
    expect(types(issuer).filter((type) => type === 'refresh.reused')).toHaveLength(1);
  });

  it('leaves the other sessions of the subject unchanged', async () => {
    const issuer = createTestIssuer();
    const { tokens } = issuer;
    const [first] = await lineage(issuer, 3);
    const [phone] = await lineage(issuer, 1);
    await codesOf(tokens, first, 2);
    expect(await codeOf(refreshTokenPair(tokens, phone))).toBe('ok');
    await expect(listSessions(tokens, 'u_1')).resolves.toHaveLength(1);
  });

  it('is refused with the same code as every other invalid refresh token', async () => {
    const issuer = createTestIssuer();
    const { tokens, clock } = issuer;
    const [first] = await lineage(issuer, 3);
    const refusals: AuthError[] = [];
    const refuse = async (token: string | undefined) => {
      await refreshTokenPair(tokens, token).catch((error: AuthError) => refusals.push(error));
    };
    await refuse(first); // reused
    await refuse(first); // revoked
    await refuse(`tpr_${randomBytes(84).toString('base64url')}`); // forged
    const [idle] = await lineage(issuer, 1);
    clock.advance(31 * day);
    await refuse(idle); // expired
    const seen = refusals.map(({ name, code, status, action, message, headers }) =>
      JSON.stringify({ name, code, status, action, message, headers }),
    );
    expect(refusals).toHaveLength(4);
    expect(refusals[0]).toBeInstanceOf(InvalidRefreshTokenError);
    expect(new Set(seen).size).toBe(1);
  });

  it('causes no further event once the session has been logged out', async () => {
    const issuer = createTestIssuer();
    const [first, , third] = await lineage(issuer, 3);
    const [phone] = await lineage(issuer, 1);
    await revokeSession(issuer.tokens, { refreshToken: third });
    expect(await codesOf(issuer.tokens, first, 3)).toEqual(Array(3).fill('refresh_token_invalid'));
    expect(types(issuer)).not.toContain('refresh.reused');
    expect(await codeOf(refreshTokenPair(issuer.tokens, phone))).toBe('ok');
  });

  it('is refused inside the interval once the session has been logged out', async () => {
    const issuer = createTestIssuer();
    const { tokens } = issuer;
    const [first, second] = await lineage(issuer, 2);
    await revokeSession(tokens, { refreshToken: second });
    expect(await codeOf(refreshTokenPair(tokens, first))).toBe('refresh_token_invalid');
    expect(await codeOf(refreshTokenPair(tokens, second))).toBe('refresh_token_invalid');
  });
});

describe('a store that has lost writes', () => {
  it.each([
    ['no hook', undefined],
    ['a hook', () => ({})],
  ])(
    'that it cannot repair causes a refusal, reports no reuse and keeps the session, with %s',
    async (_how, claims) => {
      const issuer = createTestIssuer({ claims });
      const { tokens, another, clock, events, store } = issuer;
      const line = await lineage(issuer, 2);
      const [record] = (await store.list(ownerOf('u_1'))) as [SessionSnapshot];
      const { sessionId } = record;
      // The promoted replica never received the next two rotations.
      const replica = new MemorySessionStore();
      await replica.create(
        { ...record, absoluteLifetime: 90 * day * 1_000 },
        { max: 1, onLimit: 'reject' },
      );
      clock.advance(settled);
      const third = await refreshTokenPair(tokens, line[1]);
      clock.advance(settled);
      const fourth = await refreshTokenPair(tokens, third.refreshToken);
      events.length = 0;

      const promoted = another({ store: replica });
      expect(await codeOf(refreshTokenPair(promoted, fourth.refreshToken))).toBe(
        'refresh_token_invalid',
      );
      expect(events).toEqual([
        {
          type: 'session.rolled_back',
          sessionId,
          subject: 'u_1',
          presentedGeneration: 4,
          storedGeneration: 2,
          time: expect.any(Number),
        },
      ]);
      expect(await codeOf(refreshTokenPair(promoted, line[1]))).toBe('ok');
    },
  );
});

describe('200 refreshes of one token at once', () => {
  it.each([
    ['no hook', undefined],
    ['a hook', () => Promise.resolve({})],
  ])('create one generation and one refresh token, with %s', async (_how, claims) => {
    const issuer = createTestIssuer({ claims });
    const refreshToken = await login(issuer.tokens);
    const pairs = await Promise.all(
      Array.from({ length: 200 }, () => refreshTokenPair(issuer.tokens, refreshToken)),
    );
    expect(new Set(pairs.map((pair) => pair.refreshToken)).size).toBe(1);
    await expect(issuer.store.list(ownerOf('u_1'))).resolves.toMatchObject([{ generation: 2 }]);
    const swapped = issuer.events.filter(
      (event) => event.type === 'session.refreshed' && event.how === 'rotated',
    );
    expect(swapped).toHaveLength(1);
  });

  // The token was in order when each of these calls began, so none of them shows a thief. The next one does.
  it('succeed once at a reuse interval of 0, and the others repeat later, which ends the session', async () => {
    const issuer = createTestIssuer({ reuseInterval: 0 });
    const refreshToken = await login(issuer.tokens);
    const codes = await codesOf(issuer.tokens, refreshToken, 200);
    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
    expect(codes.filter((code) => code === 'refresh_pending')).toHaveLength(199);
    expect(types(issuer)).not.toContain('refresh.reused');
    const later = await codesOf(issuer.tokens, refreshToken, 200);
    expect(new Set(later)).toEqual(new Set(['refresh_token_invalid']));
    expect(types(issuer).filter((type) => type === 'refresh.reused')).toHaveLength(1);
  });
});

describe('refreshing with a claims hook', () => {
  it('calls the hook at every refresh with the grant of the session', async () => {
    const claims = jest.fn(() => ({}));
    const { tokens, clock } = createTestIssuer({ claims });
    const metadata = { device: 'iPhone' };
    const createdAt = clock.now();
    const first = await issueTokenPair(tokens, { subject: 'u_1', scope: 'a b', metadata });
    const next = await refreshTokenPair(tokens, first.refreshToken);
    await refreshTokenPair(tokens, next.refreshToken, { scope: 'b' });
    const session = {
      sessionId: first.sessionId,
      scope: 'a b',
      metadata,
      audience: [audienceName],
      persistent: true,
      authentication: { time: createdAt / 1_000 },
      createdAt,
      request: undefined,
    };
    expect(claims.mock.calls).toEqual([
      ['u_1', { ...session, createdAt: undefined, reason: 'issue' }],
      ['u_1', { ...session, reason: 'refresh' }],
      ['u_1', { ...session, scope: 'b', reason: 'refresh' }],
    ]);
  });

  it('puts a changed role into the next access token, and copies no old claim', async () => {
    let answer: ClaimsAnswer = { role: 'admin', tenant: 7 };
    const { tokens } = createTestIssuer({ claims: () => answer });
    const first = await issueTokenPair(tokens, { subject: 'u_1' });
    answer = { role: 'user' };
    const { accessToken } = await refreshTokenPair(tokens, first.refreshToken);
    const { claims } = await verifyBearer(tokens.verifier, `Bearer ${accessToken}`);
    expect(claims).toMatchObject({ role: 'user' });
    expect(claims).not.toHaveProperty('tenant');
  });

  it('ends the session when the hook denies, and reports it in one event', async () => {
    let answer: ClaimsAnswer = {};
    const issuer = createTestIssuer({ claims: () => Promise.resolve(answer) });
    const refreshToken = await login(issuer.tokens);
    const phone = await login(issuer.tokens);
    answer = false;
    expect(await codesOf(issuer.tokens, refreshToken, 20)).toEqual(
      Array(20).fill('refresh_token_invalid'),
    );
    answer = {};
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(issuer.events.filter(({ type }) => type === 'session.revoked')).toEqual([
      {
        type: 'session.revoked',
        sessionId: expect.any(String),
        subject: 'u_1',
        reason: 'denied',
        time: expect.any(Number),
      },
    ]);
    expect(await codeOf(refreshTokenPair(issuer.tokens, phone))).toBe('ok');
  });

  it('does not call the hook for a token that is refused anyway', async () => {
    const claims = jest.fn(() => ({}));
    const issuer = createTestIssuer({ claims });
    const { tokens } = issuer;
    const [first] = await lineage(issuer, 3);
    claims.mockClear();
    await codesOf(tokens, first, 3);
    await codeOf(refreshTokenPair(tokens, 'tpr_x'));
    expect(claims).not.toHaveBeenCalled();
  });

  const failures: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('the user database is down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the user database is down'))],
    ['answers undefined', () => undefined],
    ['answers null', () => null],
    ['answers true', () => true],
    ['answers text', () => 'admin'],
    ['answers a list', () => [{ role: 'admin' }]],
    ['answers a reserved claim', () => ({ sub: 'u_2' })],
    ['answers what JSON cannot say', () => ({ size: 1n })],
    [
      'answers an object that throws',
      () => ({
        get role() {
          throw new Error('lazy');
        },
      }),
    ],
  ];

  describe.each([0, 30])('at a reuse interval of %i s', (reuseInterval) => {
    it.each(failures)(
      'answers 503 when the hook %s, and the same token works an hour later',
      async (_what, fail) => {
        let isDown = false;
        const issuer = createTestIssuer({
          reuseInterval,
          claims: () => (isDown ? (fail() as ClaimsAnswer) : { role: 'user' }),
        });
        const { tokens, clock, store } = issuer;
        const [, refreshToken] = await lineage(issuer, 2);
        const before = await store.list(ownerOf('u_1'));
        isDown = true;
        const refusal = refreshTokenPair(tokens, refreshToken);
        await expect(refusal).rejects.toThrow(TemporarilyUnavailableError);
        await expect(refusal).rejects.toMatchObject({
          code: 'temporarily_unavailable',
          status: 503,
          headers: { 'Retry-After': expect.any(String) },
        });
        for (let minute = 0; minute < 60; minute += 1) {
          clock.advance(60);
          expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe(
            'temporarily_unavailable',
          );
        }
        const asOf = clock.now();
        expect(await store.list(ownerOf('u_1'))).toEqual(
          before.map((record) => ({ ...record, asOf })),
        );
        isDown = false;
        expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
        expect(types(issuer)).toContain('hook.failed');
        expect(types(issuer)).not.toContain('session.revoked');
      },
    );
  });

  it('answers 503 within the deadline when the hook hangs, and the same token works', async () => {
    jest.useFakeTimers();
    try {
      let hangs = false;
      const { tokens } = createTestIssuer({
        reuseInterval: 0,
        deadline: 2,
        claims: () => (hangs ? new Promise(() => {}) : {}),
      });
      const refreshToken = await login(tokens);
      hangs = true;
      const code = codeOf(refreshTokenPair(tokens, refreshToken));
      await jest.advanceTimersByTimeAsync(2_000);
      expect(await code).toBe('temporarily_unavailable');
      hangs = false;
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
    } finally {
      jest.useRealTimers();
    }
  });

  it('passes on an AuthError that the hook throws, and spends nothing', async () => {
    let refusal: Error | undefined;
    const { tokens } = createTestIssuer({
      reuseInterval: 0,
      claims: () => {
        if (refusal) throw refusal;
        return {};
      },
    });
    const refreshToken = await login(tokens);
    refusal = new StoreUnavailableError();
    await expect(refreshTokenPair(tokens, refreshToken)).rejects.toBe(refusal);
    refusal = undefined;
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('refuses when the session ends while the hook runs', async () => {
    let during: (() => Promise<unknown>) | undefined;
    const { tokens } = createTestIssuer({
      claims: async () => {
        await during?.();
        return {};
      },
    });
    const refreshToken = await login(tokens);
    during = () => revokeSubject(tokens, 'u_1');
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
    await expect(listSessions(tokens, 'u_1')).resolves.toEqual([]);
  });

  it('issues nothing for a predecessor whose session ends while the hook runs', async () => {
    let during: (() => Promise<unknown>) | undefined;
    const issuer = createTestIssuer({
      claims: async () => {
        await during?.();
        return {};
      },
    });
    const { tokens } = issuer;
    const [first] = await lineage(issuer, 2);
    during = () => revokeSubject(tokens, 'u_1');
    expect(await codeOf(refreshTokenPair(tokens, first))).toBe('refresh_token_invalid');
  });

  it('judges a token by its state when the call began, even when the hook is slow', async () => {
    const turns: (() => void)[] = [];
    let waits = false;
    const { tokens, clock } = createTestIssuer({
      claims: () =>
        waits ? new Promise<ClaimsAnswer>((resolve) => turns.push(() => resolve({}))) : {},
    });
    const refreshToken = await login(tokens);
    waits = true;
    const slow = refreshTokenPair(tokens, refreshToken);
    while (turns.length < 1) await Promise.resolve();
    waits = false;
    const quick = await refreshTokenPair(tokens, refreshToken);
    clock.advance(31);
    turns[0]?.();
    expect((await slow).refreshToken).toBe(quick.refreshToken);
    expect(await codeOf(refreshTokenPair(tokens, quick.refreshToken))).toBe('ok');
  });

  it('gives two concurrent refreshes the same refresh token when the hook answers the second one first', async () => {
    const turns: (() => void)[] = [];
    let waits = false;
    const { tokens } = createTestIssuer({
      claims: () =>
        waits ? new Promise<ClaimsAnswer>((resolve) => turns.push(() => resolve({}))) : {},
    });
    const refreshToken = await login(tokens);
    waits = true;
    const both = [refreshTokenPair(tokens, refreshToken), refreshTokenPair(tokens, refreshToken)];
    while (turns.length < 2) await Promise.resolve();
    for (const turn of turns.toReversed()) turn();
    const [one, other] = await Promise.all(both);
    expect(other?.refreshToken).toBe(one?.refreshToken);
  });
});

describe('refreshing for less scope', () => {
  it('narrows the access token, and the session keeps its full scope', async () => {
    const { tokens } = createTestIssuer();
    const narrowed = await refreshTokenPair(tokens, await login(tokens), { scope: 'c a' });
    const token = await verifyBearer(tokens.verifier, `Bearer ${narrowed.accessToken}`);
    expect(narrowed.scope).toBe('c a');
    expect([...token.scopes]).toEqual(['c', 'a']);
    const next = await refreshTokenPair(tokens, narrowed.refreshToken);
    expect(next.scope).toBe('a b c');
    await expect(listSessions(tokens, 'u_1')).resolves.toMatchObject([{ scope: 'a b c' }]);
  });

  it.each(['a b c', 'a', 'b  a', ' c ', 'a a', ''])('accepts %j', async (scope) => {
    const { tokens } = createTestIssuer();
    expect(await codeOf(refreshTokenPair(tokens, await login(tokens), { scope }))).toBe('ok');
  });

  it.each<[string, unknown]>([
    ['more', 'a d'],
    ['other case', 'A'],
    ['a part of a granted scope', 'a b cc'],
    ['a wildcard', '*'],
    ['a quote', '"a"'],
    ['a line break', 'a\nb'],
    ['a scope beyond ASCII', 'ä'],
    ['a list', ['a']],
    ['a number', 1],
    ['null', null],
    ['a name that every object has', 'constructor'],
  ])('refuses %s, and spends nothing', async (_what, scope) => {
    for (const reuseInterval of [0, 30]) {
      const { tokens, clock } = createTestIssuer({ reuseInterval });
      const refreshToken = await login(tokens);
      const refusal = refreshTokenPair(tokens, refreshToken, { scope: scope as string });
      await expect(refusal).rejects.toThrow(ScopeNotGrantedError);
      await expect(refusal).rejects.toMatchObject({
        code: 'scope_not_granted',
        error: 'invalid_scope',
        status: 400,
        action: 'fix',
      });
      clock.advance(hour);
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
    }
  });

  it('refuses any scope for a session without scope', async () => {
    const { tokens } = createTestIssuer();
    const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    expect(await codeOf(refreshTokenPair(tokens, refreshToken, { scope: 'a' }))).toBe(
      'scope_not_granted',
    );
  });

  it('refuses more scope in a retry inside the reuse interval, and ends no session', async () => {
    const { tokens } = createTestIssuer();
    const refreshToken = await login(tokens);
    const next = await refreshTokenPair(tokens, refreshToken);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken, { scope: 'd' }))).toBe(
      'scope_not_granted',
    );
    expect(await codeOf(refreshTokenPair(tokens, next.refreshToken))).toBe('ok');
  });

  it('answers a retry with another scope with the same refresh token and the requested scope', async () => {
    const { tokens } = createTestIssuer();
    const refreshToken = await login(tokens);
    const one = await refreshTokenPair(tokens, refreshToken, { scope: 'a' });
    const other = await refreshTokenPair(tokens, refreshToken, { scope: 'b' });
    expect(other.refreshToken).toBe(one.refreshToken);
    expect([one.scope, other.scope]).toEqual(['a', 'b']);
  });
});

describe('the lifetimes of a session', () => {
  it('allow a refresh up to the last millisecond of the idle lifetime', async () => {
    const { tokens, clock } = createTestIssuer({ idleLifetime: '30d' });
    const refreshToken = await login(tokens);
    clock.advance(30 * day - 0.001);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('end it when the idle lifetime is reached, without reporting a reuse', async () => {
    const issuer = createTestIssuer({ idleLifetime: '30d' });
    const refreshToken = await login(issuer.tokens);
    issuer.clock.advance(30 * day);
    expect(await codeOf(refreshTokenPair(issuer.tokens, refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(types(issuer)).toEqual(['session.issued']);
  });

  it('restart the idle lifetime at a rotation, and not at a replay or a refusal', async () => {
    const { tokens, clock } = createTestIssuer({ idleLifetime: '1h', reuseInterval: 300 });
    const refreshToken = await login(tokens);
    clock.advance(hour - 1);
    const next = await refreshTokenPair(tokens, refreshToken);
    clock.advance(299);
    await refreshTokenPair(tokens, refreshToken);
    await codeOf(refreshTokenPair(tokens, next.refreshToken, { scope: 'nonsense' }));
    clock.advance(hour - 299);
    expect(await codeOf(refreshTokenPair(tokens, next.refreshToken))).toBe('refresh_token_invalid');
  });

  it('end it when the absolute lifetime is reached, after any number of refreshes', async () => {
    const { tokens, clock } = createTestIssuer({ absoluteLifetime: '8h' });
    let refreshToken = await login(tokens);
    for (let half = 1; half < 16; half += 1) {
      clock.advance(hour / 2);
      ({ refreshToken } = await refreshTokenPair(tokens, refreshToken));
    }
    clock.advance(hour / 2 - 0.001);
    ({ refreshToken } = await refreshTokenPair(tokens, refreshToken));
    clock.advance(0.001);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('refresh_token_invalid');
  });

  it('stay those of the login when the options change', async () => {
    const { tokens, another, clock } = createTestIssuer({ absoluteLifetime: '8h' });
    const generous = another({ absoluteLifetime: '1w' });
    const refreshToken = await login(tokens);
    const next = await refreshTokenPair(generous, refreshToken);
    clock.advance(8 * hour);
    expect(await codeOf(refreshTokenPair(generous, next.refreshToken))).toBe(
      'refresh_token_invalid',
    );
  });
});

describe('refreshing while something else is broken', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -1])(
    'answers 503 while the clock says %p, and spends nothing',
    async (nonsense) => {
      const { another, tokens, store } = createTestIssuer({
        store: new MemorySessionStore(),
        reuseInterval: 0,
      });
      const refreshToken = await login(tokens);
      const broken = another({ store, clock: () => nonsense });
      expect(await codeOf(refreshTokenPair(broken, refreshToken))).toBe('temporarily_unavailable');
      expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
    },
  );

  // A login accepts no such grant, so this is a record that something else has written.
  it.each([
    ['no hook', undefined],
    ['a hook', () => ({})],
  ])('spends nothing when the access token cannot be signed, with %s', async (_how, claims) => {
    const { tokens, another, store } = createTestIssuer({ reuseInterval: 0, claims });
    const refreshToken = await login(tokens);
    const [record] = (await store.list(ownerOf('u_1'))) as [SessionSnapshot];
    const data = JSON.stringify({
      ...(JSON.parse(record.data) as object),
      scope: 's'.repeat(8_192),
    });
    const overgrown = another({
      store: alterStore(store, {
        async get(sessionId) {
          const session = await store.get(sessionId);
          return session && { ...session, data };
        },
      }),
    });
    expect(await codeOf(refreshTokenPair(overgrown, refreshToken))).toBe('token_too_large');
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('answers 503 when the store refuses a swap that matches its record', async () => {
    const { tokens, another, store } = createTestIssuer();
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const session = await store.get(sessionId);
    const confused = another({
      store: alterStore(store, {
        swap: () =>
          Promise.resolve(session ? { outcome: 'conflict', session } : { outcome: 'absent' }),
      }),
    });
    await expect(refreshTokenPair(confused, refreshToken)).rejects.toThrow(StoreUnavailableError);
    expect(await codeOf(refreshTokenPair(tokens, refreshToken))).toBe('ok');
  });

  it('succeeds although the event listener throws or rejects', async () => {
    const listeners = [
      () => {
        throw new Error('log is full');
      },
      () => Promise.reject(new Error('log is full')),
    ];
    for (const onEvent of listeners) {
      const { tokens } = createTestIssuer({ onEvent });
      expect(await codeOf(refreshTokenPair(tokens, await login(tokens)))).toBe('ok');
    }
  });
});
