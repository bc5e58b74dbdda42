// The kill switch.

import {
  issueTokenPair,
  listSessions,
  reauthenticated,
  refreshTokenPair,
  revokeEverything,
  revokeSubject,
} from '@tokenpair/core';

import { codeOf } from '../../support/outcome.js';
import { createProcesses, typesOf } from '../../support/processes.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const name = 'https://issuer.test';

async function setUp(more: Parameters<ReturnType<typeof createProcesses>['issuer']>[1] = {}) {
  const processes = createProcesses();
  const a = processes.issuer({}, { deadline: 1, ...more });
  const b = processes.verifier();
  const c = processes.issuer({}, { deadline: 1, ...more });
  const login = (of = a) => issueTokenPair(of.tokens, { subject: 'u_1' });
  const pair = await login();
  await processes.advance(500);
  return { ...processes, a, b, c, login, pair };
}

describe('revokeEverything', () => {
  it('refuses every access token and ends every session', async () => {
    const { a, b, c, pair, store, advance } = await setUp();
    await revokeEverything(a.tokens, name);
    expect(await a.verify(pair.accessToken)).toBe('session_revoked');
    await advance(100);
    for (const process of [b, c]) {
      expect(await process.verify(pair.accessToken)).toBe('session_revoked');
    }
    expect(await listSessions(c.tokens, 'u_1')).toEqual([]);
    expect(await codeOf(refreshTokenPair(c.tokens, pair.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(await store.get(pair.sessionId)).toBeUndefined();
    expect(c.events).toContainEqual(
      expect.objectContaining({ type: 'session.revoked', reason: 'everything', subject: 'u_1' }),
    );
    expect(a.events).toContainEqual({
      type: 'everything.revoked',
      issuer: name,
      position: expect.any(Number),
      time: expect.any(Number),
    });
  });

  it('ends a session also by a refresh that reads the record, and by a step-up', async () => {
    const { a, c, login } = await setUp({ claims: () => ({}) });
    const [one, two] = [await login(), await login()];
    await revokeEverything(a.tokens, name);
    expect(await codeOf(refreshTokenPair(a.tokens, one.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(await codeOf(reauthenticated(c.tokens, { sessionId: two.sessionId }))).toBe(
      'refresh_token_invalid',
    );
  });

  it('lets logins pass that begin after it has returned, on processes that have not read the mark yet', async () => {
    const { a, b, c, login, advance } = await setUp();
    await revokeEverything(a.tokens, name);
    const pair = await login(c);
    expect(await c.verify(pair.accessToken)).toBe('ok');
    const fresh = await refreshTokenPair(a.tokens, pair.refreshToken);
    await advance(500);
    for (const process of [a, b, c]) expect(await process.verify(fresh.accessToken)).toBe('ok');
    expect(await listSessions(c.tokens, 'u_1')).toHaveLength(1);
  });

  it('also refuses what a process refreshes that has appended an entry after the mark and has not read the mark', async () => {
    const { a, b, c, pair, advance } = await setUp();
    await revokeEverything(a.tokens, name);
    void revokeSubject(c.tokens, 'u_2');
    const code = codeOf(refreshTokenPair(c.tokens, pair.refreshToken));
    const late = await refreshTokenPair(c.tokens, pair.refreshToken).catch(() => undefined);
    await advance(200);
    await code;
    for (const process of [a, b, c]) {
      expect(late && (await process.verify(late.accessToken))).not.toBe('ok');
    }
  });

  it("does not count ended sessions as live ones under onSessionLimit: 'reject'", async () => {
    const { a, login } = await setUp({ maxSessions: 1, onSessionLimit: 'reject' });
    expect(await codeOf(login())).toBe('session_limit');
    await revokeEverything(a.tokens, name);
    const pair = await login();
    expect(await codeOf(refreshTokenPair(a.tokens, pair.refreshToken))).toBe('ok');
    expect(await codeOf(login())).toBe('session_limit');
  });

  it('holds after a restart of all processes with a flushed log: the store has the mark', async () => {
    const { a, c, pair, log, issuer, verifier, login, advance } = await setUp();
    await revokeEverything(a.tokens, name);
    const later = await login();
    await Promise.all([a.revocations.close(), c.revocations.close()]);
    log.flush();
    const [newcomer, b] = [issuer(), verifier()];
    await advance(500);
    for (const process of [newcomer, b]) {
      expect(await process.verify(pair.accessToken)).toBe('session_revoked');
      expect(await process.verify(later.accessToken)).toBe('ok');
    }
    expect(await codeOf(refreshTokenPair(newcomer.tokens, pair.refreshToken))).toBe(
      'refresh_token_invalid',
    );
    expect(await codeOf(refreshTokenPair(newcomer.tokens, later.refreshToken))).toBe('ok');
  });

  it('is kept when a failover loses it, and the logins since stay', async () => {
    const { a, b, pair, log, login, verifier, advance } = await setUp();
    await revokeEverything(a.tokens, name);
    const later = await login();
    await advance(100);
    await log.lose(log.texts().length + 1);
    await advance(3_000);
    const newcomer = verifier();
    await advance(500);
    for (const process of [a, b, newcomer]) {
      expect(await process.verify(pair.accessToken)).toBe('session_revoked');
      expect(await process.verify(later.accessToken)).toBe('ok');
    }
    expect(await codeOf(refreshTokenPair(a.tokens, later.refreshToken))).toBe('ok');
  });

  it('is made permanent by another issuer when the caller cannot reach the store', async () => {
    const { a, store, advance } = await setUp();
    const { raise } = store;
    let isDown = true;
    store.raise = async (...args) => {
      if (isDown) throw new Error('down');
      return raise.apply(store, args);
    };
    await revokeEverything(a.tokens, name);
    await a.revocations.close();
    await advance(2_000);
    expect(typesOf(a.events)).toContain('store.unavailable');
    isDown = false;
    await advance(2_000);
    const { position } = a.events.find((one) => one.type === 'everything.revoked') ?? {};
    expect(await store.raise(`everything:${name}`, 0)).toBe(position);
  });

  it('has worked also when the store hangs: the log has the mark', async () => {
    const { a, pair, store, advance } = await setUp();
    store.raise = () => new Promise(() => {});
    const killed = codeOf(revokeEverything(a.tokens, name));
    await advance(2_000);
    expect(await killed).toBe('ok');
    expect(typesOf(a.events)).toContain('everything.revoked');
    expect(await a.verify(pair.accessToken)).toBe('session_revoked');
  });

  it('takes no garbled mark from the store', async () => {
    const { issuer, store, log, advance } = await setUp();
    store.raise = async () => 2 ** 52 + 1;
    const late = issuer();
    await advance(1_000);
    expect(late.revocations.state.status).toBe('starting');
    expect(log.texts().join()).not.toContain('O');
  });

  it('rejects when the log takes no entry, and is not repeated later', async () => {
    const { a, pair, log, advance } = await setUp();
    log.break('append');
    await expect(revokeEverything(a.tokens, name)).rejects.toMatchObject({
      name: 'RevocationsUnavailableError',
    });
    log.break('none');
    await advance(3_000);
    expect(await a.verify(pair.accessToken)).toBe('ok');
  });

  it.each(['', 'https://other.test'])('needs the name of the issuer: %j', async (other) => {
    const { a, pair } = await setUp();
    await expect(revokeEverything(a.tokens, other)).rejects.toThrow(TypeError);
    expect(await a.verify(pair.accessToken)).toBe('ok');
  });
});
