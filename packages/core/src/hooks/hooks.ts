// Calls a function of the application that takes part in a decision, with a time limit.

import type { MaybePromise } from '../lib/maybe-promise.js';
import { withDeadline } from '../lib/deadline.js';
import { isAuthError } from '../errors/auth-error.js';
import { TemporarilyUnavailableError } from '../errors/errors.js';
import type { Emit } from './events.js';

/** Default time limit of a hook or the store, in seconds. */
export const defaultDeadline = 5;

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
 *
 * @throws {@link TemporarilyUnavailableError} (503) with the failure as its `cause`.
 */
export function callHook<T>(
  context: HookContext,
  hook: string,
  call: () => unknown,
  read: (answer: unknown) => T,
): MaybePromise<T> {
  try {
    const answer = call();
    return isThenable(answer) ? awaitAnswer(context, hook, answer, read) : read(answer);
  } catch (error) {
    throw failureOf(context, hook, error);
  }
}

async function awaitAnswer<T>(
  context: HookContext,
  hook: string,
  answer: PromiseLike<unknown>,
  read: (answer: unknown) => T,
): Promise<T> {
  try {
    return read(await withDeadline(answer, context.deadline));
  } catch (error) {
    throw failureOf(context, hook, error);
  }
}

function failureOf({ emit }: HookContext, hook: string, cause: unknown): unknown {
  if (isAuthError(cause)) return cause;
  emit({ type: 'hook.failed', hook, cause });
  return new TemporarilyUnavailableError({ cause });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
