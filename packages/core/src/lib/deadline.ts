// Beside every journey: nothing that we wait for may hang a request.

/** The promise's own outcome, or a rejection once `milliseconds` have passed. What comes later is ignored. */
export function withDeadline<T>(promise: PromiseLike<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${milliseconds} ms`));
    }, milliseconds);
    Promise.resolve(promise).then(
      (answer) => {
        clearTimeout(timer);
        return resolve(answer);
      },
      (error: unknown) => {
        clearTimeout(timer);
        return reject(error);
      },
    );
  });
}

/** The same for work that can be stopped: once it is late, its signal is aborted. */
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
