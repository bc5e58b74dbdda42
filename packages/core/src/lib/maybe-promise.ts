// Values that may be promises. Without a promise there is no wait.

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Calls a function with a value: at once, or when the promise resolves. */
export function andThen<T, U>(
  value: MaybePromise<T>,
  use: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(use) : use(value);
}
