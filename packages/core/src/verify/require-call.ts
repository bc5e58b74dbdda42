// Detects a factory of middleware that was given to a framework without being called.

import { isObject } from '../lib/options.js';

/**
 * Requires that the first argument of a factory is not a request of Express or a context of Koa, as in `app.use(bearer)`.
 *
 * @param call - the code to write instead.
 * @throws TypeError the framework called the factory as middleware; the message says what to write.
 */
export function requireCall(factory: string, firstArgument: unknown, call: string): void {
  if (isObject(firstArgument) && isObject(firstArgument['headers'])) {
    throw new TypeError(
      `${factory} was used as middleware without being called. Write ${call} instead.`,
    );
  }
}
