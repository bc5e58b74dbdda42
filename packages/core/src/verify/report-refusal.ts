// Reports a refused request as an event.

import type { MaybePromise } from '../lib/maybe-promise.js';
import { ownClaim } from '../jwt/claims.js';
import { isAuthError } from '../errors/auth-error.js';
import { type InvalidTokenError } from '../errors/errors.js';
import { callHook, type HookContext } from '../hooks/hooks.js';

/**
 * Emits the event of a refusal and returns the error, to be thrown.
 *
 * No event for a request without a token, or for a check that failed with 503: that emits `hook.failed` or the like.
 *
 * @param claims - those of the token, once its signature was good.
 */
export function reportRefusal(
  hooks: HookContext,
  error: unknown,
  claims: Readonly<Record<string, unknown>> = {},
): unknown {
  if (!isAuthError(error) || error.code === 'token_missing' || error.status >= 500) return error;
  const { check } = error as Partial<InvalidTokenError>;
  const [subject, sessionId] = [ownClaim(claims, 'sub'), ownClaim(claims, 'sid')];
  hooks.emit({
    type: 'verification.refused',
    code: error.code,
    ...(check && { check }),
    ...(typeof subject === 'string' && { subject }),
    ...(typeof sessionId === 'string' && { sessionId }),
  });
  return error;
}

/** Calls a hook. It may refuse with an {@link AuthError}, which is reported too. */
export function askHook<T>(
  hooks: HookContext,
  hook: string,
  call: () => unknown,
  read: (answer: unknown) => T,
  claims?: Readonly<Record<string, unknown>>,
): MaybePromise<T> {
  const refuse = (error: unknown): never => {
    throw reportRefusal(hooks, error, claims);
  };
  try {
    const answer = callHook(hooks, hook, call, read);
    return answer instanceof Promise ? answer.catch(refuse) : answer;
  } catch (error) {
    return refuse(error);
  }
}
