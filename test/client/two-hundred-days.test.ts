// The client and the server together, for two hundred days of virtual time: eight tabs of a browser, a phone, a network that loses,
// delays and replaces messages, a store that fails, and a thief. A failure names its seed, and what happened before it.

import { MemorySessionStore, type SessionStore } from '@tokenpair/core';

import { openRedisAt, type RedisAt } from '../support/redis-clock.js';
import { redisUrl } from '../support/stores.js';
import type { Replacement } from '../support/source-copy.js';
import { liveDays, type Life } from './days/live.js';
import { useVirtualTimers } from './days/virtual-time.js';

let redis: RedisAt;

beforeAll(async () => {
  redis = await openRedisAt(redisUrl());
  useVirtualTimers();
});
afterAll(() => {
  jest.useRealTimers();
  redis.close();
});

const stores: Readonly<Record<'memory' | 'Redis', Life['openStore']>> = {
  memory: (now) => new MemorySessionStore({ clock: now, capacity: 1_000 }),
  Redis: (now) => redis.openStore(now),
};

// Every framework meets both transports and both stores.
test.each([
  [11, 'Express 4', 'cookie', 'memory'],
  [12, 'Express 4', 'body', 'Redis'],
  [13, 'Express 5', 'cookie', 'Redis'],
  [14, 'Express 5', 'body', 'memory'],
  [15, 'Koa 2', 'cookie', 'Redis'],
  [16, 'Koa 2', 'body', 'memory'],
  [17, 'Koa 3', 'cookie', 'memory'],
  [18, 'Koa 3', 'body', 'Redis'],
] as const)(
  'seed %i, %s, %s, %s: no honest user is signed out, and every thief is caught',
  async (seed, framework, transport, store) => {
    const openStore = stores[store];
    const report = await liveDays({ seed, days: 200, framework, transport, openStore });
    expect(report).toMatchObject({ faults: [], escapes: [] });
    // These days were bad enough to tell something.
    expect(report.thefts).toBeGreaterThan(1);
    expect(report.refreshes).toMatchObject({
      rotated: expect.any(Number) as number,
      held: expect.any(Number) as number,
      replayed: expect.any(Number) as number,
      recovered: expect.any(Number) as number,
    });
  },
  180_000,
);

test('the same seed gives the same days', async () => {
  const life = { ...shortLife, seed: 3, days: 10 };
  expect(await liveDays(life)).toEqual(await liveDays(life));
}, 60_000);

describe('the days are bad enough to find', () => {
  test('a server without reuse interval and recovery, which signs honest users out', async () => {
    const issuer = { reuseInterval: 0, recovery: 0 } as const;
    const { faults } = await liveDays({ ...shortLife, issuer });
    expect(faults.join()).toContain('an honest user is taken for a thief');
  }, 60_000);

  test('a server without recovery, which signs users out after a lost answer', async () => {
    const { faults } = await liveDays({ ...shortLife, issuer: { recovery: 0 } });
    expect(faults.join()).toContain('an honest user is taken for a thief');
  }, 60_000);

  test.each<[string, Replacement]>([
    [
      'takes the page of a proxy for the end of the session',
      {
        file: 'refresh.ts',
        from: "if (isNone || refusal?.action === 'login') {",
        to: "if (isNone || refusal?.action !== 'retry') {",
      },
    ],
    [
      'uses a pair that it has not stored',
      { file: 'vault.ts', from: 'await storage.set(', to: 'void (' },
    ],
  ])(
    'a client that %s',
    async (_, mistake) => {
      const life = { ...shortLife, transport: 'body', days: 150, mistakes: [mistake] } as const;
      expect((await liveDays(life)).faults).not.toEqual([]);
    },
    60_000,
  );

  test('a store that does not end sessions, where thieves stay', async () => {
    const { escapes } = await liveDays({ ...shortLife, days: 100, openStore: openLenient });
    expect(escapes).not.toEqual([]);
  }, 60_000);
});

const shortLife: Life = {
  seed: 2,
  days: 50,
  framework: 'Express 5',
  transport: 'cookie',
  openStore: stores.memory,
};

function openLenient(now: () => number): SessionStore {
  return new Proxy(stores.memory(now) as MemorySessionStore, {
    get(target, name: keyof SessionStore) {
      if (name === 'revoke') return async () => false;
      const method = target[name] as unknown;
      return typeof method === 'function' ? (method.bind(target) as unknown) : method;
    },
  });
}
