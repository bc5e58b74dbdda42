// The stores that an application swaps in one line: whatever holds for one holds for the other.

import { randomBytes } from 'node:crypto';

import { MemorySessionStore, type Clock, type SessionStore } from '@tokenpair/core';

import { openNodeRedis } from './redis-clients.js';

export interface StoreKind {
  readonly name: string;
  /** Whether it goes by the clock that it is opened with. */
  readonly canSetTime: boolean;
  /** @param clock - what the application's clock says. */
  open(clock: Clock): Promise<TestStore>;
}

export interface TestStore {
  readonly store: SessionStore;
  close(): Promise<void> | void;
}

export const storeKinds: readonly StoreKind[] = [
  {
    name: 'memory',
    canSetTime: true,
    open: async (clock) => ({
      store: new MemorySessionStore({ capacity: 1_000, clock }),
      close: () => {},
    }),
  },
  {
    name: 'Redis',
    canSetTime: false,
    // Its time is its own and cannot be set: what a story says about time has to be about access tokens, or wait.
    open: () => openNodeRedis(redisUrl(), `test-${randomBytes(8).toString('hex')}:`),
  },
];

/** The Redis that global-setup.ts started, or that the environment names. */
export function redisUrl(): string {
  const url = process.env['REDIS_URL'];
  if (!url)
    throw new Error(
      'no Redis: run the tests by `pnpm test`, or node scripts/ensure-redis.mjs first',
    );
  return url;
}
