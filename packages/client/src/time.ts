// Times and timers. A wrong or changed clock, and a laptop that slept, cost one needless refresh at most.

/** A moment by two clocks: one stops while the computer sleeps, the other can be set. */
export type Moment = readonly [number, number];

export function now(): Moment {
  return [performance.now(), Date.now()];
}

/** Seconds since a moment: the greater of what the two clocks say. */
export function secondsSince([monotonic, wall]: Moment): number {
  return Math.max(performance.now() - monotonic, Date.now() - wall) / 1_000;
}

/** A timer that does not keep a script of Node.js alive. */
export function startTimer(run: () => void, seconds: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(run, seconds * 1_000);
  unref(timer);
  return timer;
}

export function unref(resource: unknown): void {
  (resource as { unref?: () => void }).unref?.();
}

/** Resolves after some seconds, or when the signal is aborted. `start`: {@link startTimer}, if no caller waits for it. */
export function sleep(
  seconds: number,
  signal: AbortSignal,
  start: (run: () => void, seconds: number) => ReturnType<typeof setTimeout> = (run) =>
    setTimeout(run, seconds * 1_000),
): Promise<void> {
  return new Promise((resolve) => {
    const timer = start(wake, seconds);
    signal.addEventListener('abort', wake);
    if (signal.aborted) wake();
    function wake() {
      clearTimeout(timer);
      signal.removeEventListener('abort', wake);
      resolve();
    }
  });
}

/** Settles like the promise, or rejects when the signal is aborted. What the promise stands for goes on. */
export function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal | null): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () =>
      reject(signal.reason ?? Object.assign(new Error('aborted'), { name: 'AbortError' }));
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export function ignore(): void {}

/** Throws an error of the application in a task of its own, so that it is heard and breaks nothing here. */
export function rethrow(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}

/** Calls a listener of the application. */
export function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value);
  } catch (error) {
    rethrow(error);
  }
}
