// Limits the refreshes that run at the same time in one process, so that a restart is not followed by a flood at the store.

import { randomInt } from 'node:crypto';

import { TemporarilyUnavailableError } from '../errors/errors.js';

/** Runs a refresh, unless too many run already. */
export type RefreshLimit = <T>(refresh: () => Promise<T>, onRefusal: () => void) => Promise<T>;

/**
 * @param max - refreshes at the same time.
 * @returns a function that throws {@link TemporarilyUnavailableError} (503) beyond them. `Retry-After` is random, so that the
 * clients do not come back together.
 */
export function createRefreshLimit(max: number): RefreshLimit {
  let running = 0;
  return async function runRefresh(refresh, onRefusal) {
    if (running >= max) {
      onRefusal();
      throw new TemporarilyUnavailableError({
        headers: { 'Retry-After': String(randomInt(1, 6)) },
        cause: new Error(`${max} refreshes run at the same time (maxParallelRefreshes)`),
      });
    }
    running += 1;
    try {
      return await refresh();
    } finally {
      running -= 1;
    }
  };
}
