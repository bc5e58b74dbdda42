// What happens after the log has lost entries: flushed, created again, or rolled back by a failover.

import {
  issueTokenPair,
  refreshTokenPair,
  revokeClaims,
  revokeSession,
  type TokenPair,
} from '@tokenpair/core';

import { codeOf } from '../../support/outcome.js';
import type { LosableLog } from '../../support/losable-log.js';
import { createProcesses, typesOf } from '../../support/processes.js';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

async function setUp() {
  const processes = createProcesses();
  const { issuer, verifier, advance } = processes;
  const a = issuer();
  const b = verifier();
  const c = issuer();
  const login = () => issueTokenPair(a.tokens, { subject: 'u_1' });
  const end = async ({ sessionId }: TokenPair) => revokeSession(a.tokens, { sessionId });
  const [live, ended] = [await login(), await login()];
  await advance(500);
  const append = (text: string) =>
    processes.log.append({ issuer: 'https://issuer.test', text, floor: 0, keep: 1_000 });
  return { ...processes, a, b, c, login, end, live, ended, append };
}

function gapsOf({ events }: { readonly events: readonly { readonly type: string }[] }) {
  return events.filter(({ type }) => type === 'revocations.gap');
}

describe('a log that was flushed', () => {
  it('has again what the issuers knew within 2 seconds, and no process forgets a revocation', async () => {
    const { a, b, c, end, live, ended, log, verifier, advance } = await setUp();
    await end(ended);
    await advance(200);
    const { position } = b.revocations.state;
    log.flush();
    await advance(2_000);
    for (const process of [a, b, c]) {
      expect(await process.verify(ended.accessToken)).toBe('session_revoked');
      expect(await process.verify(live.accessToken)).toBe('ok');
      expect(gapsOf(process)).toMatchObject([{ kind: 'lost' }]);
    }
    const newcomer = verifier();
    await advance(100);
    expect(await newcomer.verify(ended.accessToken)).toBe('session_revoked');
    expect(newcomer.revocations.state.position).toBeGreaterThan(position);
    // Usually one issuer appends, and the others find its lines.
    expect(log.texts().filter((text) => text !== '').length).toBeLessThanOrEqual(2);
  });

  it('makes no difference when a newcomer writes first', async () => {
    const { b, end, ended, log, issuer, append, advance } = await setUp();
    await end(ended);
    await advance(200);
    log.flush();
    await append('S');
    const newcomer = issuer();
    await advance(2_500);
    expect(await newcomer.verify(ended.accessToken)).toBe('session_revoked');
    expect(await b.verify(ended.accessToken)).toBe('session_revoked');
  });

  it("makes old tokens refresh once under 'refuse', because nothing shows that their end was not lost", async () => {
    const { a, verifier, live, log, advance } = await setUp();
    const strict = verifier({ whenBehind: 'refuse' });
    await advance(1_000);
    expect(await strict.verify(live.accessToken)).toBe('ok');
    log.flush();
    await advance(2_000);
    expect(await strict.verify(live.accessToken)).toBe('claims_stale');
    const next = await refreshTokenPair(a.tokens, live.refreshToken);
    expect(await strict.verify(next.accessToken)).toBe('ok');
  });
});

describe('a log that a failover has rolled back', () => {
  it.each(['alone', 'hidden by newer entries'])(
    'is repaired by the issuers that had heard what it lost: %s',
    async (how) => {
      const { a, b, c, end, live, ended, log, verifier, append, advance } = await setUp();
      await end(ended);
      await advance(100);
      await log.lose(log.texts().length + 1);
      if (how !== 'alone') await append('');
      await advance(2_000);
      const newcomer = verifier();
      await advance(500);
      for (const process of [a, b, c, newcomer]) {
        expect(await process.verify(ended.accessToken)).toBe('session_revoked');
        expect(await process.verify(live.accessToken)).toBe('ok');
      }
      expect(gapsOf(a)).toMatchObject([{ kind: 'rolled_back' }]);
      expect(gapsOf(b)).toMatchObject([{ kind: 'rolled_back', repaired: 0 }]);
      const repaired = [a, c].map((one) => gapsOf(one)[0] as { repaired?: number } | undefined);
      expect(repaired.reduce((sum, gap) => sum + (gap?.repaired ?? 0), 0)).toBeGreaterThan(0);
    },
  );

  it('ends a session again whose end the store has lost too', async () => {
    const { a, b, c, end, ended, log, store, advance } = await setUp();
    const record = await store.get(ended.sessionId);
    if (record === undefined) throw new Error('no record');
    await end(ended);
    await advance(100);
    const { expiresAt, asOf, ...session } = record;
    const limit = { max: 100, onLimit: 'reject' } as const;
    await store.create({ ...session, absoluteLifetime: expiresAt - asOf }, limit);
    await log.lose(log.texts().length + 1);
    await advance(2_000);
    expect(await store.get(ended.sessionId)).toBeUndefined();
    const revived = [a, c].flatMap(({ events }) => typesOf(events));
    expect(revived.filter((type) => type === 'session.revived')).toHaveLength(1);
    expect(await b.verify(ended.accessToken)).toBe('session_revoked');
    expect(await codeOf(refreshTokenPair(c.tokens, ended.refreshToken))).toBe(
      'refresh_token_invalid',
    );
  });

  it('with a slow clock and a newcomer that writes first: a change below the known positions stops newer tokens too', async () => {
    const { a, b, c, live, log, login, append, advance } = await setUp();
    await advance(5_000);
    const recent = await login();
    const head = a.revocations.state.position;
    // The new primary lacks the last seconds, and its clock is behind: the entry gets a position that tokens carry already.
    await log.lose(7);
    log.skew(-3_600_000);
    const tag = live.sessionId.slice(0, 16);
    expect(await append(`s ${tag}`)).toBeLessThan(head);
    await advance(3_000);
    for (const process of [a, b, c]) {
      expect(await process.verify(recent.accessToken)).toBe('claims_stale');
    }
    const next = await refreshTokenPair(c.tokens, recent.refreshToken);
    for (const process of [a, b, c]) expect(await process.verify(next.accessToken)).toBe('ok');
    expect(a.revocations.state.position).toBeGreaterThan(head);
  });

  it('is found again when the repair fails, until it succeeds', async () => {
    const { a, c, end, ended, log, verifier, advance } = await setUp();
    await end(ended);
    await advance(100);
    await log.lose(log.texts().length + 1);
    log.break('append');
    await advance(3_000);
    expect(gapsOf(a)).toEqual([]);
    log.break('none');
    await advance(4_000);
    expect([...gapsOf(a), ...gapsOf(c)]).toHaveLength(2);
    const newcomer = verifier();
    await advance(100);
    expect(await newcomer.verify(ended.accessToken)).toBe('session_revoked');
  });

  it('keeps what is announced during the repair', async () => {
    const { a, b, login, end, ended, log, advance } = await setUp();
    const during = await login();
    await end(ended);
    await advance(100);
    await log.lose(log.texts().length + 1);
    await advance(100);
    await end(during);
    await revokeClaims(a.tokens, { subject: 'u_2' });
    await advance(3_000);
    for (const { accessToken } of [ended, during]) {
      expect(await b.verify(accessToken)).toBe('session_revoked');
    }
  });
});

it('finds a second loss during the repair, also when a newer entry hides it', async () => {
  const { b, c, end, ended, live, log, verifier, append, advance } = await setUp();
  jest.spyOn(Math, 'random').mockReturnValue(0.9);
  await append('');
  await advance(100);
  await end(ended);
  await advance(100);
  // An entry that no process has read is between: the first loss is that of the entry before.
  log.flush();
  await append(`o ${ended.sessionId}`);
  await advance(300);
  await log.lose(1);
  await advance(1);
  await append('');
  await advance(5_000);
  jest.restoreAllMocks();
  const newcomer = verifier();
  await advance(100);
  for (const process of [b, c, newcomer]) {
    expect(await process.verify(ended.accessToken)).toBe('session_revoked');
    expect(await process.verify(live.accessToken)).toBe('ok');
  }
});

/** One issuer, so that no other has heard the entry. */
async function setUpAlone(around: (log: LosableLog) => Partial<LosableLog> = () => ({})) {
  const processes = createProcesses();
  const { log, issuer, verifier, advance } = processes;
  const a = issuer({}, {}, { ...log, ...around(log) });
  const live = await issueTokenPair(a.tokens, { subject: 'u_1' });
  const ended = await issueTokenPair(a.tokens, { subject: 'u_2' });
  await advance(1_000);
  const newcomer = async () => {
    const late = verifier();
    await advance(100);
    return late;
  };
  return { ...processes, a, live, ended, newcomer };
}

describe('an entry that the log loses before its own issuer has read it', () => {
  const writers = {
    nobody: async () => {},
    'a newcomer': async ({ log }: { log: LosableLog }) => {
      await log.append({ issuer: 'https://issuer.test', text: '', floor: 0, keep: 1_000 });
    },
  };

  it.each(['nobody', 'a newcomer'] as const)(
    'is in the log again, when %s has written meanwhile',
    async (who) => {
      const { a, live, ended, log, newcomer, advance } = await setUpAlone();
      await revokeSession(a.tokens, { sessionId: ended.sessionId });
      await revokeClaims(a.tokens, { subject: 'u_1' });
      await log.lose(2);
      await advance(1);
      await writers[who]({ log });
      await advance(2_500);
      expect(gapsOf(a)).toMatchObject([{ kind: 'rolled_back', repaired: 2 }]);
      const late = await newcomer();
      expect(await late.verify(ended.accessToken)).toBe('session_revoked');
      expect(await late.verify(live.accessToken)).toBe('claims_stale');
    },
  );

  it('is in the log again also when it was lost before its lines were in the list', async () => {
    let loseAfterAppend = false;
    const { a, live, newcomer, advance } = await setUpAlone((log) => ({
      async read(issuer, after, limit, options) {
        // The announcer reads the head between the append and the list.
        if (loseAfterAppend && limit === 0) {
          loseAfterAppend = false;
          await log.lose(1);
          await log.append({ issuer, text: '', floor: after, keep: 1_000 });
          await new Promise((resolve) => {
            setTimeout(resolve, 240);
          });
        }
        return log.read(issuer, after, limit, options);
      },
    }));
    loseAfterAppend = true;
    const changed = revokeClaims(a.tokens, { subject: 'u_1' });
    await advance(4_000);
    await changed;
    expect(loseAfterAppend).toBe(false);
    const late = await newcomer();
    expect(await late.verify(live.accessToken)).toBe('claims_stale');
  });

  it('is no loss when it was read before the append was answered', async () => {
    let delay = 0;
    const { a, ended, newcomer, advance } = await setUpAlone((log) => ({
      async append(entry) {
        const position = await log.append(entry);
        if (delay > 0) {
          await new Promise((resolve) => {
            setTimeout(resolve, delay);
          });
        }
        return position;
      },
    }));
    delay = 350;
    const ending = revokeSession(a.tokens, { sessionId: ended.sessionId });
    await advance(3_000);
    await ending;
    expect(gapsOf(a)).toEqual([]);
    expect(await (await newcomer()).verify(ended.accessToken)).toBe('session_revoked');
  });

  it('is no loss when the log has it twice, or failed after it was written', async () => {
    let failures = 1;
    const { a, ended, log, newcomer, advance } = await setUpAlone((under) => ({
      async append(entry) {
        await under.append(entry);
        const position = await under.append(entry);
        if (entry.text === '' || (failures -= 1) < 0) return position;
        throw new Error('the answer was lost');
      },
    }));
    const ending = revokeSession(a.tokens, { sessionId: ended.sessionId });
    await advance(3_000);
    await ending;
    expect(log.texts()).toHaveLength(4);
    expect(gapsOf(a)).toEqual([]);
    expect(await (await newcomer()).verify(ended.accessToken)).toBe('session_revoked');
  });

  it('is no loss when it was trimmed, because its tokens have expired', async () => {
    const { a, live, ended, log, advance } = await setUpAlone();
    log.break('read');
    await revokeSession(a.tokens, { sessionId: ended.sessionId });
    await advance(12 * 60_000);
    await revokeClaims(a.tokens, { subject: 'u_1' });
    await advance(12 * 60_000);
    await revokeSession(a.tokens, { sessionId: live.sessionId });
    log.break('none');
    await advance(3_000);
    const { entries } = await log.read('https://issuer.test', 0, 200);
    expect(entries.map(({ text }) => text)).not.toContain(`o ${ended.sessionId}`);
    expect(gapsOf(a)).toEqual([]);
  });

  it('ends its session again in the store, which may have lost the end too', async () => {
    const { a, ended, log, store, advance } = await setUpAlone();
    const record = await store.get(ended.sessionId);
    if (record === undefined) throw new Error('no record');
    await revokeSession(a.tokens, { sessionId: ended.sessionId });
    const { expiresAt, asOf, ...session } = record;
    const limit = { max: 100, onLimit: 'reject' } as const;
    await store.create({ ...session, absoluteLifetime: expiresAt - asOf }, limit);
    await log.lose(1);
    await advance(2_500);
    expect(await store.get(ended.sessionId)).toBeUndefined();
    expect(typesOf(a.events)).toContain('session.revived');
  });
});
