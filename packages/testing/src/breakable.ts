// A store that fails on purpose, in the ways that a store across a network does.

import type { SessionStore } from '@tokenpair/core';

/**
 * `down`: every call is refused. `slow`: no call is ever answered. `garbled`: every call is answered with what is no
 * answer. `mute`: every call is carried out, and its answer is lost.
 */
export type Breakage = 'down' | 'slow' | 'garbled' | 'mute';

const breakages: readonly Breakage[] = ['down', 'slow', 'garbled', 'mute'];

/** A store, and the switches that break it. */
export interface BreakableStore {
  /** To give to an issuer instead of the sound store. */
  readonly store: SessionStore;
  /** From now on every call fails so, until {@link BreakableStore.repair}. */
  break(how: Breakage): void;
  /** The next call alone is carried out and its answer lost, as when a connection is cut in between. */
  loseNextAnswer(): void;
  /** From now on every call reaches the sound store again. */
  repair(): void;
}

/**
 * Wraps a store so that a test can break and repair it: what an application answers while sessions cannot be
 * reached, and that its users are signed in afterwards.
 *
 * The failures reject with a plain `Error` whose text is that of a refused connection, as a client library's would be;
 * none of it may reach a client of yours.
 *
 * @throws TypeError what is given is no store, or {@link BreakableStore.break} gets a word that is none of its own.
 */
export function breakable(sound: SessionStore): BreakableStore {
  if (typeof sound?.create !== 'function') {
    throw new TypeError('breakable: expected a session store');
  }
  let broken: Breakage | undefined;
  let losesNext = false;

  async function fail(how: Breakage, call: () => Promise<unknown>): Promise<unknown> {
    if (how === 'garbled') return 'QUEUED';
    // A promise that is never settled is the point.
    if (how === 'slow') return new Promise(() => {});
    if (how === 'mute') await call();
    throw new Error('connect ECONNREFUSED 10.0.0.7:6379');
  }

  const store = new Proxy(sound, {
    get(target, name: keyof SessionStore) {
      const method = target[name] as unknown;
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]): unknown => {
        const call = async () => {
          const answer: unknown = await Reflect.apply(method, target, args);
          return answer;
        };
        const how = losesNext ? 'mute' : broken;
        losesNext = false;
        return how === undefined ? call() : fail(how, call);
      };
    },
  });
  return {
    store,
    break: (how) => {
      if (!breakages.includes(how)) {
        throw new TypeError(`break: expected one of ${breakages.join(', ')}`);
      }
      broken = how;
    },
    loseNextAnswer: () => {
      losesNext = true;
    },
    repair: () => {
      broken = undefined;
      losesNext = false;
    },
  };
}
