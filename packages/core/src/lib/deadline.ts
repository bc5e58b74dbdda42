// Deadlines: stops waiting for a promise, so that no request hangs.

/** Settles as the promise does, or rejects after `milliseconds`. A later outcome of the promise is ignored. */
export function withDeadline<T>(promise: PromiseLike<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${milliseconds} ms`));
    }, milliseconds);
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
