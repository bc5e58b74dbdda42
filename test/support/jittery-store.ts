// A store whose requests and answers take a random short time, each for itself, so that calls overtake one another.

import { setTimeout as sleep } from 'node:timers/promises';

import type { SessionStore } from '@tokenpair/core';

/** @param longest - milliseconds that a request or an answer takes at most. */
export function withJitter(store: SessionStore, longest = 4): SessionStore {
  return new Proxy(store, {
    get(target, name: keyof SessionStore) {
      const method = target[name];
      if (typeof method !== 'function') return method;
      return async (...args: never[]) => {
        await sleep(Math.random() * longest);
        const answer = await (method as (...all: never[]) => Promise<unknown>).apply(target, args);
        await sleep(Math.random() * longest);
        return answer;
      };
    },
  });
}
