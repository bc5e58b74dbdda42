// Wraps a store and records which of its methods are called.

import type { SessionStore } from '@tokenpair/core';

export type CallLog = (keyof SessionStore)[];

export function countCalls(store: SessionStore): {
  readonly store: SessionStore;
  readonly calls: CallLog;
} {
  const calls: CallLog = [];
  const counted = new Proxy(store, {
    get(target, name: keyof SessionStore) {
      const method = target[name];
      if (typeof method !== 'function') return method;
      return (...args: never[]) => {
        calls.push(name);
        return (method as (...all: never[]) => unknown).apply(target, args);
      };
    },
  });
  return { store: counted, calls };
}
