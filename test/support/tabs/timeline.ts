// Time for activities that run concurrently: virtual time, which passes without waiting, or the time of the machine.

import { setTimeout as wait } from 'node:timers/promises';

import type { TestClock } from '@tokenpair/testing';

export interface Timeline {
  /** Milliseconds since the epoch. */
  now(): number;
  /** To be awaited only in an activity that `run` started, and only once at a time in each. */
  sleep(milliseconds: number): Promise<void>;
  /** Runs activities concurrently until the last has ended. Rejects with the first failure. */
  run(activities: readonly (() => Promise<void>)[]): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * Virtual time: when all activities sleep, the clock moves to the time of the earliest and wakes only that one. So two
 * activities never run at the same time, and their order is the same in every run.
 */
export function createVirtualTime(clock: TestClock): Timeline {
  const sleepers: Sleeper[] = [];
  let awake = 0;

  function goOn(): void {
    if (awake > 0) return;
    // Of two with the same time, the one that called sleep first.
    let next = 0;
    for (const [index, { at }] of sleepers.entries()) {
      if (at < (sleepers[next] as Sleeper).at) next = index;
    }
    const [sleeper] = sleepers.splice(next, 1);
    if (sleeper === undefined) return;
    clock.set(sleeper.at);
    awake += 1;
    sleeper.wake();
  }

  async function sleep(milliseconds: number): Promise<void> {
    const at = clock.now() + milliseconds;
    await new Promise<void>((wake) => {
      sleepers.push({ at, wake });
      awake -= 1;
      goOn();
    });
  }

  return {
    now: clock.now,
    sleep,
    async run(activities) {
      awake += activities.length;
      await settle(
        activities.map(async (activity) => {
          try {
            await sleep(0);
            await activity();
          } finally {
            awake -= 1;
            goOn();
          }
        }),
      );
    },
  };
}

/** The time of the machine, for stores whose clock cannot be set. */
export const realTime: Timeline = {
  now: Date.now,
  sleep: (milliseconds) => wait(milliseconds),
  run: (activities) => settle(activities.map((activity) => activity())),
};

/** Waits for all of them, so that none continues in the background, and then throws the first failure. */
async function settle(running: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(running);
  await Promise.all(running);
}
