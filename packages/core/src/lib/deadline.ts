// Deadlines: stops waiting for a promise, so that no request hangs.

// Not the global: with Jest's fake timers, an advanced deadline would wait for a second advance.
import { setImmediate } from 'node:timers';

/**
 * Settles as the promise does, or rejects after `milliseconds`. A later outcome of the promise is ignored.
 *
 * An answer that is there when the process looks again is in time: after a pause of the whole process, timers run before sockets are
 * read, and every request to a healthy server would fail.
 */
export function withDeadline<T>(promise: PromiseLike<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error(`no answer within ${milliseconds} ms`));
    const timer = setTimeout(() => setImmediate(fail), milliseconds);
    const settled = Promise.resolve(promise).finally(() => clearTimeout(timer));
    settled.then(resolve, reject);
  });
}

/** Like {@link withDeadline}, for work that can be stopped: its signal is aborted when it fails or is late. */
export async function abortWhenLate<T>(
  start: (signal: AbortSignal) => PromiseLike<T>,
  milliseconds: number,
): Promise<T> {
  const work = new AbortController();
  try {
    return await withDeadline(start(work.signal), milliseconds);
  } catch (error) {
    work.abort();
    throw error;
  }
}
