// Beside the guard journey: a refused token is told to whoever listens.

import type { Awaitable } from '../lib/maybe-promise.js';
import { ownClaim } from '../jwt/claims.js';
import { isAuthError, type InvalidTokenError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import type { TokenVerifier } from './token-verifier.js';

/**
 * Emits the event of a refusal, and gives the refusal back to be thrown.
 *
 * An anonymous request is no refused token, and what could not be checked has an event of its own.
 *
 * @param claims - those of the token, once its signature was good.
 */
export function reported(
  verifier: TokenVerifier,
  error: unknown,
  claims: Readonly<Record<string, unknown>> = {},
): unknown {
  if (!isAuthError(error) || error.code === 'token_missing' || error.status >= 500) return error;
  const { check } = error as Partial<InvalidTokenError>;
  const [subject, sessionId] = [ownClaim(claims, 'sub'), ownClaim(claims, 'sid')];
  verifier.hooks.emit({
    type: 'verification.refused',
    code: error.code,
    ...(check && { check }),
    ...(typeof subject === 'string' && { subject }),
    ...(typeof sessionId === 'string' && { sessionId }),
  });
  return error;
}

/** Calls a hook of the guard journey. It may refuse with an error of ours, and that is told too. */
export function askHook<T>(
  verifier: TokenVerifier,
  hook: string,
  call: () => unknown,
  read: (answer: unknown) => T,
  claims?: Readonly<Record<string, unknown>>,
): Awaitable<T> {
  const refuse = (error: unknown): never => {
    throw reported(verifier, error, claims);
  };
  try {
    const answer = callHook(verifier.hooks, hook, call, read);
    return answer instanceof Promise ? answer.catch(refuse) : answer;
  } catch (error) {
    return refuse(error);
  }
}
