// Reports a rejected request as an event.

import { ownClaim } from '../jwt/claims.js';
import { isAuthError } from '../errors/auth-error.js';
import type { InvalidTokenError } from '../errors/errors.js';
import type { HookContext } from '../hooks/hooks.js';

/**
 * Emits `verification.refused` for an error and returns the error, to be thrown.
 *
 * Emits nothing for a request without a token, and nothing for a check that failed with 503: that emits `hook.failed` or
 * the like.
 *
 * @param claims - claims of the token, once its signature was verified.
 */
export function reportRejection(
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
