// What the verbs announce, and what happens when the log does not answer.

import {
  issueTokenPair,
  reauthenticated,
  refreshTokenPair,
  revokeClaims,
  revokeSession,
  revokeSubject,
  updateSession,
  type TokenIssuer,
} from '@tokenpair/core';
import { LogRevocations } from '@tokenpair/core/store';

import { revokeFor } from '../../../packages/core/src/issue/revoke-session.js';
import { codeOf } from '../../support/outcome.js';
import { createProcesses, typesOf } from '../../support/processes.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

type Options = NonNullable<Parameters<ReturnType<typeof createProcesses>['issuer']>[1]>;

async function setUp(more: Options = {}) {
  const processes = createProcesses();
  const a = processes.issuer({}, { deadline: 1, ...more });
  const b = processes.verifier();
  const c = processes.issuer({}, { deadline: 1, ...more });
  const login = () => issueTokenPair(a.tokens, { subject: 'u_1', scope: 'a b' });
  const pair = await login();
  await processes.advance(500);
  return { ...processes, a, b, c, pair, login, tag: pair.sessionId.slice(0, 16) };
}

describe('a verb', () => {
  it.each<
    [string, (tokens: TokenIssuer, pair: Awaited<ReturnType<typeof issueTokenPair>>) => unknown]
  >([
    [
      'revokeSession by refresh token',
      (tokens, { refreshToken }) => revokeSession(tokens, { refreshToken }),
    ],
    ['revokeSession by ID', (tokens, { sessionId }) => revokeSession(tokens, { sessionId })],
    ['revokeSubject', (tokens) => revokeSubject(tokens, 'u_1')],
  ])('ends access tokens here at once, and elsewhere within a poll: %s', async (_name, end) => {
    const { a, b, c, pair, advance } = await setUp();
    await end(a.tokens, pair);
    expect(await a.verify(pair.accessToken)).toBe('session_revoked');
    await advance(100);
    for (const process of [b, c])
      expect(await process.verify(pair.accessToken)).toBe('session_revoked');
  });

  it('announces reuse, a denied subject, an evicted and a replaced session', async () => {
    let isDenied = false;
    const { a, b, login, advance } = await setUp({ maxSessions: 2, claims: () => !isDenied && {} });
    const first = await login();
    const second = await login(); // evicts that of setUp
    const third = await issueTokenPair(a.tokens, { subject: 'u_1', replaces: second.refreshToken });
    await advance(61_000);
    const next = await refreshTokenPair(a.tokens, first.refreshToken);
    await advance(61_000);
    await refreshTokenPair(a.tokens, next.refreshToken);
    await advance(61_000);
    expect(await codeOf(refreshTokenPair(a.tokens, first.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    isDenied = true;
    expect(await codeOf(refreshTokenPair(a.tokens, third.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    await advance(100);
    expect(b.revocations.state.facts).toBe(4);
    for (const { accessToken } of [first, second, third]) {
      expect(await b.verify(accessToken)).toBe('session_revoked');
    }
  });

  it('announces a session that the store does not have, so a call that is repeated after a crash has its effect', async () => {
    const { b, c, pair, store, advance } = await setUp();
    await store.revoke(pair.sessionId); // the process ended here
    await advance(100);
    expect(await b.verify(pair.accessToken)).toBe('ok');
    expect(await revokeSession(c.tokens, { refreshToken: pair.refreshToken })).toBe(false);
    await advance(100);
    expect(await b.verify(pair.accessToken)).toBe('session_revoked');
  });

  it('announces an end once, and nothing for a token that is not ours', async () => {
    const { a, pair, log } = await setUp();
    await revokeSession(a.tokens, { sessionId: pair.sessionId });
    await revokeSession(a.tokens, { sessionId: pair.sessionId });
    await revokeSession(a.tokens, { refreshToken: `tpr_${'A'.repeat(112)}` });
    await revokeSession(a.tokens, { sessionId: 'no session ID' });
    expect(log.texts()).toEqual([`o ${pair.sessionId}`]);
  });

  it('keeps the excepted session, and makes a repeated revokeSubject take effect without IDs', async () => {
    const { a, b, pair, login, log, tag, advance } = await setUp();
    const other = await login();
    await revokeSubject(a.tokens, 'u_1', { except: pair.sessionId });
    expect(log.texts()).toEqual([`o ${other.sessionId}\ns ${tag} ${pair.sessionId}`]);
    await advance(100);
    expect(await b.verify(pair.accessToken)).toBe('ok');
    expect(await b.verify(other.accessToken)).toBe('session_revoked');
  });

  it('joins what is announced while an entry is on its way, at most 100 session IDs in one', async () => {
    const { a, log } = await setUp({ maxSessions: 1_000 });
    for (let n = 0; n < 250; n += 1) await issueTokenPair(a.tokens, { subject: 'u_2' });
    await revokeSubject(a.tokens, 'u_2');
    const counts = log.texts().map((text) => (text.match(/[\w-]{38}/g) ?? []).length);
    expect(counts).toEqual([100, 100, 50]);
  });
});

describe('a change of claims', () => {
  it.each(['subject', 'session', 'everyone'] as const)(
    'holds at once, with one refresh and without a sign-out: %s',
    async (target) => {
      const { a, b, c, pair, advance } = await setUp();
      const references = {
        subject: { subject: 'u_1' },
        session: { sessionId: pair.sessionId },
        everyone: { everyone: true },
      } as const;
      await revokeClaims(a.tokens, references[target]);
      await advance(100);
      for (const process of [a, b, c])
        expect(await process.verify(pair.accessToken)).toBe('claims_stale');
      const next = await refreshTokenPair(c.tokens, pair.refreshToken);
      expect(next.sessionId).toBe(pair.sessionId);
      for (const process of [a, b, c]) expect(await process.verify(next.accessToken)).toBe('ok');
      expect(a.events).toContainEqual({
        ...(target === 'subject' && { subject: 'u_1' }),
        ...(target === 'session' && { sessionId: pair.sessionId }),
        type: 'claims.revoked',
        time: expect.any(Number),
      });
    },
  );

  it('is exact when refresh and change come in the same instant: what was signed before it is refused, once', async () => {
    let role = 'admin';
    const { a, b, c, pair, advance } = await setUp({ claims: () => ({ role }) });
    let { refreshToken } = pair;
    for (let round = 0; round < 20; round += 1) {
      const before = await refreshTokenPair(c.tokens, refreshToken);
      role = `role ${round}`;
      await revokeClaims(a.tokens, { subject: 'u_1' });
      const after = await refreshTokenPair(c.tokens, before.refreshToken);
      ({ refreshToken } = after);
      await advance(100);
      expect(await b.verify(before.accessToken)).toBe('claims_stale');
      expect(await b.verify(after.accessToken)).toBe('ok');
    }
  });

  it('is announced by updateSession when scope or audience change, and not for metadata', async () => {
    const { a, b, pair, log, advance } = await setUp();
    await updateSession(a.tokens, pair.sessionId, { metadata: { device: 'phone' } });
    expect(log.texts()).toEqual([]);
    await updateSession(a.tokens, pair.sessionId, { scope: 'a' });
    expect(log.texts()).toEqual([`s ${pair.sessionId}`]);
    await advance(100);
    expect(await b.verify(pair.accessToken)).toBe('claims_stale');
  });

  it.each([
    {},
    { subject: 'u_1', sessionId: 'x' },
    { sessionId: 'x' },
    { everyone: false },
    { everyone: true, except: 'x' },
    { subject: 'u_1', except: 'x' },
  ])('needs one reference: %j', async (reference) => {
    const { a } = await setUp();
    await expect(revokeClaims(a.tokens, reference as never)).rejects.toThrow(TypeError);
  });
});

describe('while the log takes no entry', () => {
  const isUnavailable = { name: 'RevocationsUnavailableError', status: 503, action: 'retry' };

  it.each<[string, (tokens: TokenIssuer, sessionId: string) => Promise<unknown>]>([
    ['revokeSession', (tokens, sessionId) => revokeSession(tokens, { sessionId })],
    ['revokeSubject', (tokens) => revokeSubject(tokens, 'u_1')],
    ['revokeClaims', (tokens) => revokeClaims(tokens, { subject: 'u_1' })],
    ['updateSession', (tokens, sessionId) => updateSession(tokens, sessionId, { scope: 'a' })],
  ])(
    '%s rejects after the deadline, and the announcement is made when the log answers again',
    async (_name, verb) => {
      const { a, b, pair, log, advance } = await setUp();
      log.break('append');
      const failed = verb(a.tokens, pair.sessionId).catch((error: unknown) => error);
      await advance(1_000);
      expect(await failed).toMatchObject(isUnavailable);
      expect(typesOf(a.events)).toContain('revocations.unavailable');
      expect(a.revocations.state.unannounced).toBeGreaterThan(0);
      expect(await b.verify(pair.accessToken)).toBe('ok');
      log.break('none');
      await advance(1_500);
      expect(a.revocations.state.unannounced).toBe(0);
      expect(await b.verify(pair.accessToken)).not.toBe('ok');
      expect(typesOf(a.events).filter((type) => type === 'revocations.unavailable')).toHaveLength(
        1,
      );
    },
  );

  it('a repeated call waits for what is queued, and appends nothing', async () => {
    const { a, pair, log, advance } = await setUp();
    const { sessionId } = pair;
    log.break('append');
    const first = codeOf(revokeSession(a.tokens, { sessionId }));
    await advance(1_000);
    expect(await first).toBe('temporarily_unavailable');
    const second = revokeSession(a.tokens, { sessionId });
    log.break('none');
    await advance(1_000);
    expect(await second).toBe(false);
    expect(log.texts()).toEqual([`o ${sessionId}`]);
  });

  it('a refresh that finds reuse, and a step-up of a denied subject, do not wait', async () => {
    const state = { isDenied: false };
    const { a, pair, log, advance } = await setUp({ claims: () => !state.isDenied && {} });
    await advance(61_000);
    const next = await refreshTokenPair(a.tokens, pair.refreshToken);
    await advance(61_000);
    await refreshTokenPair(a.tokens, next.refreshToken);
    await advance(61_000);
    log.break('append');
    const other = await issueTokenPair(a.tokens, { subject: 'u_1' });
    expect(await codeOf(refreshTokenPair(a.tokens, pair.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    state.isDenied = true;
    const step = reauthenticated(a.tokens, { sessionId: other.sessionId });
    expect(await codeOf(step)).toBe('access_denied');
    state.isDenied = false;
    expect(a.revocations.state.unannounced).toBe(2);
  });

  it('an endpoint ends a session and does not wait', async () => {
    const { a, pair, log } = await setUp();
    log.break('append');
    const { refreshToken } = pair;
    const revoked = await revokeFor(a.tokens, { refreshToken }, undefined, undefined);
    expect(revoked).toMatchObject({ ended: true });
    expect(await a.verify(pair.accessToken)).toBe('session_revoked');
  });

  it('close tries once more', async () => {
    const { a, pair, log, advance } = await setUp();
    log.break('append');
    revokeSession(a.tokens, { sessionId: pair.sessionId }).catch(() => {});
    await advance(200);
    log.break('none');
    await a.revocations.close();
    expect(log.texts()).toEqual([`o ${pair.sessionId}`]);
    const { read } = log.calls;
    await advance(5_000);
    expect(log.calls.read - read).toBeLessThan(150); // those of b and c
  });

  it('more than 100 000 lines become one that makes every client refresh', async () => {
    const { a, b, pair, log, advance } = await setUp();
    log.break('append');
    const ids = Array.from({ length: 100_001 }, (_, n) => `t${String(n).padStart(37, '0')}`);
    const announced = a.revocations as unknown as {
      announcer: { announceEnds(ids: readonly string[]): Promise<void> };
    };
    const all = announced.announcer.announceEnds(ids);
    expect(a.revocations.state.unannounced).toBe(1);
    log.break('none');
    await advance(1_500);
    await all;
    expect(await b.verify(pair.accessToken)).toBe('claims_stale');
    expect(await a.verify(pair.accessToken)).toBe('claims_stale');
  });
});

describe('an issuer', () => {
  it('refuses a log that can only be read', async () => {
    const { log, issuer } = createProcesses();
    const revocations = new LogRevocations({ read: log.read }, {});
    expect(() => issuer({}, { revocations })).toThrow(/can only be read/);
  });

  it('ends a session again that the store has revived', async () => {
    const { a, c, pair, store, advance } = await setUp();
    const record = await store.get(pair.sessionId);
    await revokeSession(a.tokens, { sessionId: pair.sessionId });
    await advance(100);
    if (record === undefined) throw new Error('no record');
    const { expiresAt, asOf, ...session } = record;
    const limit = { max: 100, onLimit: 'reject' } as const;
    await store.create({ ...session, absoluteLifetime: expiresAt - asOf }, limit);
    expect(await codeOf(refreshTokenPair(c.tokens, pair.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(await store.get(pair.sessionId)).toBeUndefined();
    expect(c.events).toContainEqual({
      type: 'session.revived',
      sessionId: pair.sessionId,
      time: expect.any(Number),
    });
  });
});
