import {
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  type MemorySessionStoreOptions,
} from '@tokenpair/core';
import { type SessionLimit, type SessionStore } from '@tokenpair/core/store';
import { createTestClock, describeSessionStore } from '@tokenpair/testing';
import {
  newSession as sessionOf,
  outcomeOf,
  rotateOnce,
} from '../../packages/testing/src/suite/sessions.js';
import { createTestIssuer } from '../support/issuer.js';
import { runInChild } from '../support/run-in-child.js';

const hour = 3_600_000;
const day = 24 * hour;
const roomy: SessionLimit = { max: 10_000, onLimit: 'reject' };

const newSession = (changes = {}) => sessionOf({ owner: 'u_1', ...changes });

describeSessionStore(
  'the memory store',
  () => {
    const clock = createTestClock();
    const store = new MemorySessionStore({ capacity: 1_000, clock: clock.now });
    return {
      store,
      another: () => store,
      advance: (milliseconds) => clock.advance(milliseconds / 1_000),
    };
  },
  {
    notShown: {
      garble: 'no other process can write into its memory',
      hang: 'it sends no requests',
    },
  },
);

function createStore(options: MemorySessionStoreOptions = {}) {
  const clock = createTestClock();
  return { clock, store: new MemorySessionStore({ clock: clock.now, ...options }) };
}

/** Creates one session for each of `count` owners. */
async function fill(store: SessionStore, count: number, idleLifetime = 30 * day) {
  const sessions = Array.from({ length: count }, (_, index) =>
    newSession({ owner: `owner ${index}`, idleLifetime }),
  );
  for (const session of sessions) await store.create(session, roomy);
  return sessions;
}

async function countLive(store: SessionStore, sessions: readonly { sessionId: string }[]) {
  const found = await Promise.all(sessions.map(({ sessionId }) => store.get(sessionId)));
  return found.filter(Boolean).length;
}

/** Owners that were removed from an index, the only place where an owner is the key of a Map. */
function watchIndex(): () => unknown[] {
  const remove = jest.spyOn(Map.prototype, 'delete');
  return () => {
    const keys = remove.mock.calls.map(([key]: unknown[]) => key);
    return keys.filter((key) => typeof key === 'string' && key.startsWith('owner '));
  };
}

const countWarnings = (stderr: string) => stderr.split('TOKENPAIR_MEMORY_STORE').length - 1;

describe('a full memory store', () => {
  it('refuses another session and keeps every live one', async () => {
    const { store } = createStore({ capacity: 100 });
    const sessions = await fill(store, 100);
    const attempts = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        store.create(newSession({ owner: `attacker ${index}` }), roomy),
      ),
    );
    expect(new Set(attempts.map((attempt) => JSON.stringify(attempt)))).toEqual(
      new Set(['{"outcome":"refused","reason":"full"}']),
    );
    expect(await countLive(store, sessions)).toBe(100);
    expect(await store.list('attacker 1')).toEqual([]);
  });

  it('still rotates, reads, lists and ends its sessions', async () => {
    const { store } = createStore({ capacity: 3 });
    const sessions = await fill(store, 3);
    for (const { sessionId } of sessions) {
      expect(await outcomeOf(store, sessionId, 1)).toBe('swapped');
    }
    expect(await countLive(store, sessions)).toBe(3);
    expect(await store.revoke(sessions[0]?.sessionId ?? '')).toBe(true);
    expect((await store.create(newSession(), roomy)).outcome).toBe('created');
  });

  it('makes room by removing only expired sessions', async () => {
    const { store, clock } = createStore({ capacity: 10 });
    const short = await fill(store, 4, hour);
    const long = Array.from({ length: 6 }, (_, index) => newSession({ owner: `long ${index}` }));
    for (const session of long) await store.create(session, roomy);
    clock.advance(3_600);
    // One tick more: the last instant still counts for the cache, and not for the store.
    clock.advance(0.001);
    for (let index = 0; index < 4; index += 1) {
      const result = await store.create(newSession({ owner: `new ${index}` }), roomy);
      expect(result.outcome).toBe('created');
    }
    expect((await store.create(newSession(), roomy)).outcome).toBe('refused');
    expect(await countLive(store, long)).toBe(6);
    expect(await countLive(store, short)).toBe(0);
  });

  it('replaces the oldest session of an owner that is at its limit', async () => {
    const { store } = createStore({ capacity: 2 });
    const [mine, other] = await fill(store, 2);
    const session = newSession({ owner: 'owner 0' });
    const result = await store.create(session, { max: 1, onLimit: 'evict-oldest' });
    expect(result).toMatchObject({ outcome: 'created', evicted: [mine?.sessionId] });
    expect(await countLive(store, [session, other ?? session])).toBe(2);
  });

  it('takes the place of the session that a login replaces', async () => {
    const { store } = createStore({ capacity: 2 });
    const [mine] = await fill(store, 2);
    const limit: SessionLimit = { ...roomy, replaces: mine?.sessionId ?? '' };
    const result = await store.create(newSession({ owner: 'owner 0' }), limit);
    expect(result).toMatchObject({ outcome: 'created', evicted: [], replaced: true });
    expect((await store.create(newSession(), roomy)).outcome).toBe('refused');
  });

  it('gives a repeated creation the same answer', async () => {
    const { store } = createStore({ capacity: 1 });
    const session = newSession();
    await store.create(session, roomy);
    expect((await store.create(session, roomy)).outcome).toBe('created');
  });

  it('signs no user out when others sign in many times', async () => {
    const { store, clock } = createStore({ capacity: 50 });
    const { tokens } = createTestIssuer({ store, clock: clock.now });
    const victim = await issueTokenPair(tokens, { subject: 'victim' });
    const logins = await Promise.allSettled(
      Array.from({ length: 500 }, (_, index) => issueTokenPair(tokens, { subject: `u_${index}` })),
    );
    expect(logins.filter(({ status }) => status === 'fulfilled')).toHaveLength(49);
    await expect(refreshTokenPair(tokens, victim.refreshToken)).resolves.toBeDefined();
  });
});

describe('a login into a full memory store', () => {
  afterEach(() => jest.restoreAllMocks());

  const sessions = 20_000;

  /** A full store, and a login that counts the sessions it looks at and its clock reads. */
  async function createFull(short: readonly number[] = []) {
    let readings = 0;
    const clock = createTestClock();
    const now = () => {
      readings += 1;
      return clock.now();
    };
    const store = new MemorySessionStore({ capacity: sessions, clock: now });
    for (let index = 0; index < sessions; index += 1) {
      const idleLifetime = short.includes(index) ? hour : 30 * day;
      await store.create(newSession({ owner: `owner ${index}`, idleLifetime }), roomy);
    }
    // The expiry of a session is the smaller of two times, so this counts the sessions that are looked at.
    const looks = jest.spyOn(Math, 'min');
    async function login(owner: string) {
      readings = 0;
      looks.mockClear();
      const { outcome } = await store.create(newSession({ owner }), roomy);
      return { outcome, work: readings + looks.mock.calls.length };
    }
    return { store, clock, login };
  }

  it('looks at a bounded number of sessions in a store of any size', async () => {
    const { store, login } = await createFull();
    for (let count = 0; count < 50; count += 1) {
      const { outcome, work } = await login(`attacker ${count}`);
      expect(outcome).toBe('refused');
      expect(work).toBeLessThan(1_100);
    }
    await store.close();
  });

  it('finds the only expired session within as many logins as are needed to look at all sessions', async () => {
    for (const place of [0, 9_999, sessions - 1]) {
      const { store, clock, login } = await createFull([place]);
      for (let count = 0; count < 7; count += 1) await login(`before ${count}`);
      clock.advance(3_600);
      let logins = 0;
      let outcome = 'refused';
      while (outcome === 'refused' && logins < 100) {
        ({ outcome } = await login(`after ${(logins += 1)}`));
      }
      expect(outcome).toBe('created');
      expect(logins).toBeLessThanOrEqual(sessions / 1_000 + 2);
      expect((await login('next')).outcome).toBe('refused');
      await store.close();
    }
  });

  it('takes the place of any expired session of an owner', async () => {
    const clock = createTestClock();
    const store = new MemorySessionStore({ capacity: 3_000, clock: clock.now });
    for (let index = 0; index < 3_000; index += 1) {
      const idleLifetime = index % 2 === 0 ? hour : 30 * day;
      await store.create(newSession({ owner: 'u_1', idleLifetime }), roomy);
    }
    clock.advance(3_600);
    const outcomes: string[] = [];
    for (let count = 0; count <= 1_500; count += 1) {
      outcomes.push((await store.create(newSession({ owner: `new ${count}` }), roomy)).outcome);
    }
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1_500);
    expect(outcomes.at(-1)).toBe('refused');
    expect(await store.list('u_1')).toHaveLength(1_500);
    await store.close();
  });
});

describe('the memory that a memory store holds', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  afterEach(() => jest.restoreAllMocks());

  it('is freed by the sweep once sessions have expired, including the index', async () => {
    const { store, clock } = createStore({ sweepInterval: '5m' });
    await fill(store, 3, hour);
    const removed = watchIndex();
    clock.advance(3_601);
    jest.advanceTimersByTime(299_999);
    expect(removed()).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(removed()).toEqual(['owner 0', 'owner 1', 'owner 2']);
    await store.close();
  });

  it('is kept by the sweep for live sessions of any lifetime', async () => {
    const { store, clock } = createStore();
    const sessions = await fill(store, 100);
    for (let count = 0; count < 29; count += 1) {
      clock.advance(86_400);
      jest.advanceTimersByTime(60_000);
    }
    expect(await countLive(store, sessions)).toBe(100);
    await store.close();
  });

  it('is freed at once by a revocation, including the index', async () => {
    const { store } = createStore();
    const [session] = await fill(store, 2);
    const removed = watchIndex();
    await store.revoke(session?.sessionId ?? '');
    expect(removed()).toEqual(['owner 0']);
    await store.revokeOwner('owner 1');
    expect(removed()).toEqual(['owner 0', 'owner 1']);
    await store.close();
  });

  it('is kept while an owner has another session', async () => {
    const { store } = createStore();
    const [first] = await fill(store, 1);
    const other = newSession({ owner: 'owner 0' });
    await store.create(other, roomy);
    const removed = watchIndex();
    await store.revoke(first?.sessionId ?? '');
    expect(removed()).toEqual([]);
    expect(await store.list('owner 0')).toHaveLength(1);
    await store.close();
  });

  it('needs one timer for any number of sessions of 30 days and any number of rotations', async () => {
    const { store } = createStore();
    const sessions = await fill(store, 2_000);
    for (const { sessionId } of sessions) await rotateOnce(store, sessionId, 1);
    expect(jest.getTimerCount()).toBe(1);
    await store.close();
  });

  it('is kept by a sweep that runs while the clock is broken', async () => {
    const { clock } = createStore();
    let isBroken = false;
    const store = new MemorySessionStore({
      clock: () => {
        if (isBroken) throw new Error('no clock');
        return clock.now();
      },
    });
    const sessions = await fill(store, 1);
    isBroken = true;
    expect(() => jest.advanceTimersByTime(60_000)).not.toThrow();
    isBroken = false;
    expect(await countLive(store, sessions)).toBe(1);
    await store.close();
  });

  it('is freed, and the sweep stops, when the store is closed', async () => {
    const { store } = createStore();
    const sessions = await fill(store, 3);
    await store.close();
    await store.close();
    expect(jest.getTimerCount()).toBe(0);
    expect(await countLive(store, sessions)).toBe(0);
    expect(await store.list('owner 0')).toEqual([]);
  });
});

describe('a memory store whose clock is broken', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -1, '1', undefined])(
    'rejects every call with 503 while the clock returns %p, and loses no session',
    async (nonsense) => {
      const { store, clock } = createStore();
      const [session] = await fill(store, 1);
      const sessionId = session?.sessionId ?? '';
      const then = clock.now();
      clock.set(nonsense as number);
      const calls: readonly (() => Promise<unknown>)[] = [
        () => store.create(newSession(), roomy),
        () => store.get(sessionId),
        () => rotateOnce(store, sessionId, 1),
        () => store.confirm(sessionId, 1),
        () => store.revoke(sessionId),
        () => store.revokeOwner('owner 0'),
        () => store.list('owner 0'),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({
          code: 'temporarily_unavailable',
          status: 503,
        });
      }
      clock.set(then);
      expect(await store.get(sessionId)).toMatchObject({ generation: 1 });
    },
  );

  it('keeps a session when the clock goes back, and ends it once the clock reaches its expiry', async () => {
    const { store, clock } = createStore();
    const sessions = await fill(store, 1, hour);
    clock.advance(-7_200);
    expect(await countLive(store, sessions)).toBe(1);
    clock.advance(7_200 + 3_600);
    expect(await countLive(store, sessions)).toBe(0);
  });
});

describe('a wrong option of a memory store', () => {
  it.each([
    ['a capacity of 0', { capacity: 0 }, 'capacity'],
    ['a fractional capacity', { capacity: 1.5 }, 'capacity'],
    ['an infinite capacity', { capacity: Number.POSITIVE_INFINITY }, 'capacity'],
    ['text instead of a number', { capacity: '100' }, 'capacity'],
    ['bare digits as an interval', { sweepInterval: '60' }, 'sweepInterval'],
    ['an interval of 0', { sweepInterval: 0 }, 'sweepInterval'],
    ['an interval of two days', { sweepInterval: '2d' }, 'sweepInterval'],
    ['a number as a clock', { clock: 7 }, 'clock'],
  ])('%s fails at construction, and the error names the option', (_what, options, name) => {
    const construct = () => new MemorySessionStore(options as MemorySessionStoreOptions);
    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(new RegExp(`^${name}\\b`));
  });

  it('is not treated as a default when it is misspelled', () => {
    const options = { max: 5 } as MemorySessionStoreOptions;
    expect(() => new MemorySessionStore(options)).toThrow(/no option 'max'/);
  });

  it.each([null, 7, 'x', []])('fails for %p instead of options', (options) => {
    expect(() => new MemorySessionStore(options as never)).toThrow(TypeError);
  });
});

describe('a process with a memory store', () => {
  const makeThree = 'for (let i = 0; i < 3; i += 1) new core.MemorySessionStore();';

  it('exits when it has nothing else to do', async () => {
    const { exitCode, stderr } = await runInChild(makeThree);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  }, 30_000);

  it.each<[string, Record<string, string>, string]>([
    ['in production', { NODE_ENV: 'production' }, ''],
    ['under a process manager', { NODE_APP_INSTANCE: '0' }, ''],
    ['in a cluster', {}, "require('node:cluster').isWorker = true;"],
  ])(
    'warns once that sessions are per process, %s',
    async (_where, env, before) => {
      const { exitCode, stderr } = await runInChild(before + makeThree, env);
      expect(exitCode).toBe(0);
      expect(countWarnings(stderr)).toBe(1);
      expect(stderr).toContain('TokenpairWarning');
    },
    30_000,
  );

  it('warns with a process warning that has its own code', () => {
    const emit = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    jest.replaceProperty(process, 'env', { ...process.env, NODE_ENV: 'production' });
    for (let count = 0; count < 3; count += 1) createStore();
    const { calls } = emit.mock;
    jest.restoreAllMocks();
    expect(calls).toEqual([
      [expect.any(String), { type: 'TokenpairWarning', code: 'TOKENPAIR_MEMORY_STORE' }],
    ]);
  });

  it('prints no warning in development', async () => {
    const { stderr } = await runInChild(makeThree, { NODE_ENV: 'development' });
    expect(countWarnings(stderr)).toBe(0);
  }, 30_000);

  it('uses no CPU with 2000 sessions of 30 days', async () => {
    const { exitCode, stdout } = await runInChild(`
      const store = new core.MemorySessionStore();
      const one = { generation: 1, secretHash: 'x', state: '1', data: '' };
      const life = { idleLifetime: 30 * 86400000, absoluteLifetime: 90 * 86400000 };
      const limit = { max: 10, onLimit: 'reject' };
      Promise.all(Array.from({ length: 2000 }, (_, i) =>
        store.create({ ...one, ...life, sessionId: 's' + i, owner: 'u' + i }, limit))).then((all) => {
          const start = process.cpuUsage();
          setTimeout(() => {
            const { user, system } = process.cpuUsage(start);
            console.log(JSON.stringify({ created: all.length, busy: (user + system) / 1000 }));
          }, 500);
        });
    `);
    expect(exitCode).toBe(0);
    const { created, busy } = JSON.parse(stdout) as { created: number; busy: number };
    expect(created).toBe(2_000);
    // With one overflowing timer per session, the process would be busy for all of the 500 ms.
    expect(busy).toBeLessThan(150);
  }, 30_000);
});
