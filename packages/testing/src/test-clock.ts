// A clock for tests: it moves only when the test moves it.

import type { Clock } from '@tokenpair/core';

/** A clock that a test sets. */
export interface TestClock {
  /** Pass it as the option `clock` of a verifier, an issuer or a `MemorySessionStore`. */
  readonly now: Clock;
  /** Moves the clock forward by seconds, or back by a negative number of them. */
  advance(seconds: number): void;
  /** Sets the clock to milliseconds since the epoch, or to an invalid value on purpose. */
  set(milliseconds: number): void;
}

/**
 * Makes a clock that moves only when the test moves it, so that tests need not wait.
 *
 * @param start - milliseconds since the epoch. @defaultValue 1 795 435 200 000 (noon of 23 November 2026, UTC)
 * @throws TypeError `start` is not a number.
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
