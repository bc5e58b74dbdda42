// A clock that stands still until it is told otherwise.

import type { Clock } from '@tokenpair/core';

/** Time as a test sets it. */
export interface TestClock {
  /** To pass as the option `clock` of a verifier, an issuer or a `MemorySessionStore`. */
  readonly now: Clock;
  /** Goes on, or back, by seconds. */
  advance(seconds: number): void;
  /** Milliseconds since the epoch, or nonsense on purpose. */
  set(milliseconds: number): void;
}

/**
 * Makes a clock that stands still until the test moves it, so that nothing has to be waited for.
 *
 * @param start - milliseconds since the epoch. @defaultValue 1 795 435 200 000 (noon of 23 November 2026, UTC)
 * @throws TypeError `start` is no number.
 */
export function createTestClock(start: number = Date.UTC(2026, 10, 23, 12)): TestClock {
  if (typeof start !== 'number') {
    throw new TypeError('createTestClock: start must be milliseconds since the epoch');
  }
  let time = start;
  return {
    now: () => time,
    advance: (seconds) => {
      time += seconds * 1_000;
    },
    set: (milliseconds) => {
      time = milliseconds;
    },
  };
}
