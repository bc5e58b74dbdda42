// Beside every journey: nothing that we wait for may hang a request.

/** The promise's own outcome, or a rejection once `milliseconds` have passed. What comes later is ignored. */
export async function withDeadline<T>(promise: PromiseLike<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${milliseconds} ms`));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
