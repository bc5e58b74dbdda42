// A clock that stands still until it is told otherwise.

import type { Clock } from '@tokenpair/core';

export interface TestClock {
  /** To pass as an option. */
  readonly now: Clock;
  /** Goes on, or back, by seconds. */
  advance(seconds: number): void;
  /** Milliseconds since the epoch, or nonsense on purpose. */
  set(milliseconds: number): void;
}

export function createTestClock(start = Date.UTC(2026, 10, 23, 12)): TestClock {
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
