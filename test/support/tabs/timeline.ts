// Time for activities that run side by side: virtual time, in which nothing is waited for, or the time of the machine.

import { setTimeout as wait } from 'node:timers/promises';

import type { TestClock } from '@tokenpair/testing';

export interface Timeline {
  /** Milliseconds since the epoch. */
  now(): number;
  /** To be awaited by one activity at a time: by what `run` started, or by what that awaits. */
  sleep(milliseconds: number): Promise<void>;
  /** Runs activities side by side until the last has ended. Rejects with the first failure. */
  run(activities: readonly (() => Promise<void>)[]): Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * Virtual time: when all activities sleep, the clock moves to the instant of the earliest and wakes that one alone. So two
 * activities never do anything at once, and their order is the same in every run, whatever they await in between.
 */
export function createVirtualTime(clock: TestClock): Timeline {
  const sleepers: Sleeper[] = [];
  let awake = 0;

  function goOn(): void {
    if (awake > 0) return;
    // Of two at one instant, the one that fell asleep first.
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

/** Waits for all of them, so that none goes on in the background, and then fails if one has failed. */
async function settle(running: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(running);
  await Promise.all(running);
}
