// Turns a failure into `undefined`, where its reason does not matter or must not be passed on.

/** What a function returns, or `undefined` if it throws. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
