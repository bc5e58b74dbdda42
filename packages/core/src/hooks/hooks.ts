// Calls a function of the application that takes part in a decision, with a time limit.

import { isAuthError } from '../errors/auth-error.js';
import { TemporarilyUnavailableError } from '../errors/errors.js';
import { withDeadline } from '../lib/deadline.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { isObject } from '../lib/options.js';
import type { Emit } from './events.js';

/** Default time limit of a hook or the store, in seconds. */
export const defaultDeadline = 5;

/** What a time limit may be, in seconds. */
export const deadlineBounds = { min: 0.01, max: 3_600, maxNumber: 60, fractions: true } as const;

export interface HookContext {
  readonly emit: Emit;
  /** Milliseconds. */
  readonly deadline: number;
}

/**
 * Calls a hook and reads its answer. Starts a timer only if the answer is a promise.
 *
 * If the hook throws, is too slow or answers what `read` does not accept, the request fails with 503 and `hook.failed` is emitted.
 * An {@link AuthError} that the hook throws is passed on unchanged.
 */
export function callHook<T>(
  { emit, deadline }: HookContext,
  hook: string,
  call: () => unknown,
  read: (answer: unknown) => T,
): MaybePromise<T> {
  function fail(cause: unknown): never {
    if (isAuthError(cause)) throw cause;
    emit({ type: 'hook.failed', hook, cause });
    throw new TemporarilyUnavailableError({ cause });
  }
  try {
    const answer = call();
    if (!isThenable(answer)) return read(answer);
    return withDeadline(answer, deadline).then(read).catch(fail);
  } catch (error) {
    return fail(error);
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value['then'] === 'function';
}
