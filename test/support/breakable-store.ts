// A store that fails on purpose, in the ways that a store across a network does.

import type { SessionStore } from '@tokenpair/core';

/**
 * `down`: every call is refused. `slow`: no call is ever answered. `garbled`: every call is answered with what is no
 * answer. `deaf`: every call is carried out, and the answer is lost.
 */
export type Breakage = 'down' | 'slow' | 'garbled' | 'deaf';

export interface BreakableStore {
  readonly store: SessionStore;
  break(how: Breakage): void;
  repair(): void;
}

/** Text that a client library would put into its errors; none of it may reach a client of ours. */
export const storeErrorText = 'connect ECONNREFUSED 10.0.0.7:6379';

export function createBreakableStore(sound: SessionStore): BreakableStore {
  let broken: Breakage | undefined;

  async function fail(how: Breakage, call: () => Promise<unknown>): Promise<unknown> {
    if (how === 'garbled') return 'QUEUED';
    // A promise that is never settled is the point.
    if (how === 'slow') return new Promise(() => {});
    if (how === 'deaf') await call();
    throw new Error(storeErrorText);
  }

  const store = new Proxy(sound, {
    get(target, name: keyof SessionStore) {
      const method = target[name] as unknown;
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]): unknown => {
        const call = () => Reflect.apply(method, target, args) as Promise<unknown>;
        return broken === undefined ? call() : fail(broken, call);
      };
    },
  });
  return {
    store,
    break: (how) => {
      broken = how;
    },
    repair: () => {
      broken = undefined;
    },
  };
}
