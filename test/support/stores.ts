// The stores that an application can use, which must behave in the same way.

import { randomBytes } from 'node:crypto';

import { MemorySessionStore, type Clock, type SessionStore } from '@tokenpair/core';

import { openNodeRedis } from './redis-clients.js';

export interface StoreKind {
  readonly name: string;
  /** @param clock - the clock of the application. Redis has its own. */
  open(clock: Clock): Promise<TestStore>;
}

export interface TestStore {
  readonly store: SessionStore;
  close(): Promise<void> | void;
}

export const storeKinds: readonly StoreKind[] = [
  {
    name: 'memory',
    open: async (clock) => ({
      store: new MemorySessionStore({ capacity: 1_000, clock }),
      close: () => {},
    }),
  },
  {
    name: 'Redis',
    // To let time pass for a session, a test must wait, or open the store with `openRedisAt`.
    // So that no pause of a busy machine is an outage.
    open: () => openNodeRedis(redisUrl(), `test-${randomBytes(8).toString('hex')}:`, 15),
  },
];

/** The Redis that global-setup.ts started, or that the environment names. */
export function redisUrl(): string {
  const url = process.env['REDIS_URL'];
  if (!url)
    throw new Error(
      'There is no Redis. Run the tests with `pnpm test`, or run node scripts/ensure-redis.mjs first.',
    );
  return url;
}
