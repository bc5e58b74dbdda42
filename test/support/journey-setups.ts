// The setups of the journey tests: each framework with each store. All stores have the clock that the test sets: a journey has steps
// that must follow each other within the reuse interval, which is long for a test and short for a busy machine.

import { MemorySessionStore } from '@tokenpair/core';

import { loginExamples, type LoginExample } from './login-examples.js';
import { openRedisAt } from './redis-clock.js';
import { redisUrl, type StoreKind } from './stores.js';

export interface JourneySetup extends Pick<LoginExample, 'createApp'> {
  readonly name: string;
  readonly openStore: StoreKind['open'];
}

const openStores: Readonly<Record<string, StoreKind['open']>> = {
  memory: async (clock) => ({
    store: new MemorySessionStore({ capacity: 1_000, clock }),
    close: () => {},
  }),
  async Redis(clock) {
    const redis = await openRedisAt(redisUrl());
    return { store: await redis.openStore(clock), close: redis.close };
  },
};

export const journeySetups: readonly JourneySetup[] = loginExamples.flatMap(({ name, createApp }) =>
  Object.entries(openStores).map(([store, openStore]) => ({
    name: `${name} with ${store}`,
    createApp,
    openStore,
  })),
);
