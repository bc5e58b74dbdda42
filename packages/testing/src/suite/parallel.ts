// Parallel callers of a store, as several processes across a network.

import { setTimeout as sleep } from 'node:timers/promises';

import type { SessionStore } from '@tokenpair/core/store';

/** The store that a caller uses. Callers alternate between two connections. */
export type Caller = (index: number) => SessionStore;

interface Stores {
  readonly store: SessionStore;
  readonly other: SessionStore;
}

const rounds = 10;
const longestDelay = 4;

/** Runs a race ten times: once with callers at the same instant, then with callers whose network is slow. */
export async function inRounds(
  stores: Stores,
  race: (caller: Caller, round: number) => Promise<void>,
): Promise<void> {
  const [atOnce, slowly] = callersOf(stores);
  for (let round = 1; round <= rounds; round += 1) await race(round === 1 ? atOnce : slowly, round);
}

/**
 * Callers at the same instant, and callers whose network is slow: every request and every response is delayed by another time,
 * so that they overtake each other.
 */
export function callersOf({ store, other }: Stores): readonly [Caller, Caller] {
  return [alternate(store, other), alternate(withDelays(store), withDelays(other))];
}

function alternate(one: SessionStore, another: SessionStore): Caller {
  return (index) => (index % 2 === 0 ? one : another);
}

function withDelays(store: SessionStore): SessionStore {
  return {
    create: (...command) => delayed(() => store.create(...command)),
    get: (...command) => delayed(() => store.get(...command)),
    swap: (...command) => delayed(() => store.swap(...command)),
    confirm: (...command) => delayed(() => store.confirm(...command)),
    revoke: (...command) => delayed(() => store.revoke(...command)),
    revokeOwner: (...command) => delayed(() => store.revokeOwner(...command)),
    list: (...command) => delayed(() => store.list(...command)),
    raise: (...command) => delayed(() => store.raise(...command)),
  };
}

async function delayed<T>(command: () => Promise<T>): Promise<T> {
  await delay();
  const answer = await command();
  await delay();
  return answer;
}

async function delay(): Promise<void> {
  const milliseconds = Math.floor(Math.random() * (longestDelay + 1));
  if (milliseconds > 0) await sleep(milliseconds);
}
