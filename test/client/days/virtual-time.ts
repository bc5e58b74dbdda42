// Time that passes only when nothing else happens: timers of clients, travel times of messages, and the clock of the server.

import { createTestClock, type TestClock } from '@tokenpair/testing';

export interface VirtualTime {
  readonly clock: TestClock;
  now(): number;
  /**
   * Calls `run` after some milliseconds. Of two at the same time, the one with the lower `order` is first.
   *
   * @returns what takes it back.
   */
  after(milliseconds: number, run: () => void, order?: number): () => void;
  sleep(milliseconds: number): Promise<void>;
  /** Something real begins that time must wait for. The function that it returns ends it. */
  begin(): () => void;
  /** Lets time pass until nothing is left to do. */
  finish(): Promise<void>;
  /** Lets time pass in which nothing happens. */
  skip(milliseconds: number): void;
  /** Whether something real waits for time, and not time for it. */
  isStuck: () => boolean;
}

interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Turns of the event loop in which promises and streams do what follows from an answer. */
const turns = 4;
/** Turns after which nothing real comes any more without time. */
const stall = 500;

/** Timers of the server, and what measures how long something takes, follow virtual time. Call it in `beforeAll`. */
export function useVirtualTimers(): void {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
    ],
  });
}

export function createVirtualTime(): VirtualTime {
  const clock = createTestClock();
  const tasks = new Set<Task>();
  let serial = 0;
  let busy = 0;

  /** Waits until nothing real is under way. */
  async function rest(): Promise<void> {
    let waited = 0;
    for (let calm = 0; calm < turns; calm += 1) {
      await new Promise(setImmediate);
      if (busy === 0) continue;
      calm = -1;
      waited += 1;
      // A store that never answers, for which a deadline waits.
      if (waited % stall === 0 && time.isStuck()) moveTo(clock.now() + 1_000);
    }
  }

  /** The timers of the server come too. */
  function moveTo(at: number): void {
    const passing = at - clock.now();
    if (passing <= 0) return;
    clock.set(at);
    jest.advanceTimersByTime(passing);
  }

  function earliest(): Task | undefined {
    let first: Task | undefined;
    for (const task of tasks) {
      const isEarlier =
        !first || task.at < first.at || (task.at === first.at && task.order < first.order);
      if (isEarlier) first = task;
    }
    return first;
  }

  const time: VirtualTime = {
    clock,
    now: clock.now,
    after(milliseconds, run, order = serial++) {
      const at = clock.now() + Math.max(0, Math.round(milliseconds));
      const task = { at, order, run };
      tasks.add(task);
      return () => tasks.delete(task);
    },
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        time.after(milliseconds, resolve);
      }),
    begin() {
      busy += 1;
      let isOver = false;
      return () => {
        if (!isOver) busy -= 1;
        isOver = true;
      };
    },
    async finish() {
      for (;;) {
        await rest();
        const task = earliest();
        if (!task) return;
        tasks.delete(task);
        moveTo(task.at);
        task.run();
      }
    },
    skip: (milliseconds) => moveTo(clock.now() + milliseconds),
    isStuck: () => false,
  };
  return time;
}
