// A store that holds rotations, before or after they are executed, until a test releases them.

import { EventEmitter, once } from 'node:events';

import type { SessionStore } from '@tokenpair/core';

export interface Hold {
  /** Resolves when all of them are held. */
  readonly met: Promise<void>;
  /** Releases one rotation, counted from 0 in the order of arrival. Resolves when its caller has the result. */
  release(index: number): Promise<void>;
}

export interface HeldStore {
  readonly store: SessionStore;
  /** Holds the next `count` rotations: before they are executed, or executed and not yet answered. */
  holdRotations(count: number, when: 'before' | 'after'): Hold;
}

interface Turnstile {
  readonly when: 'before' | 'after';
  readonly come: Signal;
  readonly go: Signal;
  readonly done: Signal;
}

interface Signal {
  readonly given: Promise<void>;
  give(): unknown;
}

export function createHeldStore(inner: SessionStore): HeldStore {
  const turnstiles: Turnstile[] = [];

  const store = new Proxy(inner, {
    get(target, name: keyof SessionStore) {
      const method = target[name] as unknown;
      if (name === 'swap') return swap;
      return typeof method === 'function' ? (method.bind(target) as unknown) : method;
    },
  });

  async function swap(...args: Parameters<SessionStore['swap']>) {
    // Updates of the session half pass.
    if (args[2].token === undefined) return inner.swap(...args);
    const turnstile = turnstiles.shift();
    if (turnstile?.when === 'before') await pass(turnstile);
    const result = await inner.swap(...args);
    if (turnstile?.when === 'after') await pass(turnstile);
    turnstile?.done.give();
    return result;
  }

  return {
    store,
    holdRotations(count, when) {
      const own = Array.from({ length: count }, () => createTurnstile(when));
      turnstiles.push(...own);
      return {
        met: Promise.all(own.map(({ come }) => come.given)).then(() => undefined),
        async release(index) {
          own[index]?.go.give();
          await own[index]?.done.given;
        },
      };
    },
  };
}

async function pass({ come, go }: Turnstile): Promise<void> {
  come.give();
  await go.given;
}

function createTurnstile(when: 'before' | 'after'): Turnstile {
  return { when, come: createSignal(), go: createSignal(), done: createSignal() };
}

function createSignal(): Signal {
  const emitter = new EventEmitter();
  const given = once(emitter, 'given').then(() => undefined);
  return { given, give: () => emitter.emit('given') };
}
