// Beside every journey: calls a function of the application that helps to decide.

import { withDeadline } from './deadline.js';
import { isAuthError, TemporarilyUnavailableError } from './errors.js';
import type { Emit } from './events.js';

/** Seconds that a hook or the store may take, unless an option says otherwise. */
export const defaultDeadline = 5;

export interface HookContext {
  readonly emit: Emit;
  /** Milliseconds. */
  readonly deadline: number;
}

/**
 * Calls a hook and reads its answer.
 *
 * A hook that throws, is too slow or answers nonsense (`read` throws) has not refused anybody: the request could not
 * be checked. An {@link AuthError} that a hook throws on purpose is passed on.
 *
 * @throws {@link TemporarilyUnavailableError} (503) with what went wrong as its `cause`.
 */
export async function callHook<T>(
  { emit, deadline }: HookContext,
  hook: string,
  call: () => unknown,
  read: (answer: unknown) => T,
): Promise<T> {
  try {
    const answer = call();
    // An answer that is there needs no timer.
    return read(isThenable(answer) ? await withDeadline(answer, deadline) : answer);
  } catch (cause) {
    if (isAuthError(cause)) throw cause;
    emit({ type: 'hook.failed', hook, cause });
    throw new TemporarilyUnavailableError({ cause });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
