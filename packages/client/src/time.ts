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

/**
 * Runs something with a controller that is aborted after some seconds.
 *
 * @param late - what is done when the controller is aborted, by the time or otherwise.
 */
export async function within<T>(
  seconds: number,
  run: (control: AbortController) => Promise<T>,
  late?: () => T,
): Promise<T> {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), seconds * 1_000);
  try {
    return await unlessAborted(run(control), control.signal);
  } catch (error) {
    if (late && control.signal.aborted) return late();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Resolves after some seconds, and rejects when the signal is aborted.
 *
 * @param isIdle - whether a script of Node.js may end meanwhile.
 */
export function sleep(seconds: number, signal: AbortSignal, isIdle = false): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1_000);
    if (isIdle) unref(timer);
  });
  return unlessAborted(slept, signal).finally(() => clearTimeout(timer));
}

export function ignore(): void {}

/** Throws an error of the application in a separate task, so that the application hears it and nothing here breaks. */
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
