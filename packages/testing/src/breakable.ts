// A session store and a revocation log that fail on purpose, as those across a network do.

import type { RevocationLog, SessionStore } from '@tokenpair/core';

/**
 * `down`: every call is rejected. `slow`: no call is ever answered. `garbled`: every call gets something that is not an
 * answer. `mute`: every call is carried out, and its answer is lost.
 */
export type Breakage = 'down' | 'slow' | 'garbled' | 'mute';

const breakages: readonly Breakage[] = ['down', 'slow', 'garbled', 'mute'];

/** The switches that break a store or a log. */
interface Switches {
  /** Makes every call fail in this way, until `repair()`. */
  break(how: Breakage): void;
  /** Carries out the next call and loses its answer, as when a connection is cut. */
  loseNextAnswer(): void;
  /** Lets every call reach the wrapped object again. */
  repair(): void;
}

/** A store, and the switches that break it. */
export interface BreakableStore extends Switches {
  /** Pass this one to the issuer. */
  readonly store: SessionStore;
}

/** A revocation log, and the switches that break it. */
export interface BreakableLog extends Switches {
  /** Pass this one to `createRevocations`. */
  readonly log: RevocationLog;
}

/**
 * Wraps a store so that a test can break and repair it. With it, test what your application responds during an outage, and
 * that its users are still signed in afterwards.
 *
 * Calls fail with a plain `Error` whose message is that of a refused connection. Your application must not send it to clients.
 *
 * @throws TypeError `sound` is not a session store, or `break()` gets another word.
 */
export function breakable(sound: SessionStore): BreakableStore {
  if (typeof sound?.create !== 'function') {
    throw new TypeError('breakable needs a session store, new MemorySessionStore() for example');
  }
  const { wrapped, ...switches } = wrap(sound);
  return { store: wrapped, ...switches };
}

/**
 * Wraps a revocation log so that a test can break and repair it, as {@link breakable} wraps a store. With it, test what your
 * application responds while the log is down: logouts still answer as usual, and are announced after the outage.
 *
 * @throws TypeError `sound` is not a revocation log, or `break()` gets another word.
 */
export function breakableLog(sound: RevocationLog): BreakableLog {
  if (typeof sound?.append !== 'function') {
    throw new TypeError(
      'breakableLog needs a revocation log, new MemoryRevocationLog() for example',
    );
  }
  const { wrapped, ...switches } = wrap(sound);
  return { log: wrapped, ...switches };
}

function wrap<T extends object>(sound: T): Switches & { readonly wrapped: T } {
  let broken: Breakage | undefined;
  let losesNext = false;

  async function fail(how: Breakage, call: () => Promise<unknown>): Promise<unknown> {
    if (how === 'garbled') return 'QUEUED';
    // A promise that is never settled is the point.
    if (how === 'slow') return new Promise(() => {});
    if (how === 'mute') await call();
    throw new Error('connect ECONNREFUSED 10.0.0.7:6379');
  }

  const wrapped = new Proxy(sound, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
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
    wrapped,
    break: (how) => {
      if (!breakages.includes(how)) {
        throw new TypeError(`break needs one of ${breakages.join(', ')}`);
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
