// Wraps a store and records which of its methods are called.

import type { SessionStore } from '@tokenpair/core';

export type CallLog = (keyof SessionStore)[];

/** @param ignored - methods whose calls are not recorded. */
export function countCalls(
  store: SessionStore,
  ignored: readonly (keyof SessionStore)[] = [],
): {
  readonly store: SessionStore;
  readonly calls: CallLog;
} {
  const calls: CallLog = [];
  const counted = new Proxy(store, {
    get(target, name: keyof SessionStore) {
      const method = target[name];
      if (typeof method !== 'function') return method;
      return (...args: never[]) => {
        // An issuer reads its kill mark when it starts to follow its revocation log.
        if (name !== 'raise' && !ignored.includes(name)) calls.push(name);
        return (method as (...all: never[]) => unknown).apply(target, args);
      };
    },
  });
  return { store: counted, calls };
}
