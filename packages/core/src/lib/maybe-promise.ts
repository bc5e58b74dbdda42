// Leaf of every journey: what is at hand is not waited for.

/** A value, or a promise of it. A request that needs nothing from elsewhere is then answered without one. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value, at once when it is there. */
export function andThen<T, U>(
  value: MaybePromise<T>,
  goOn: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(goOn) : goOn(value);
}
