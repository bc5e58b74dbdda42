// Tells the listeners of events that a request was refused, and what is known of it.

import type { AuthError } from '../errors/auth-error.js';
import type { InvalidTokenError } from '../errors/errors.js';
import { ownClaim, type Claims } from '../jwt/claims.js';
import type { BearerSource } from './bearer-request.js';
import { isRequest } from './extract-bearer.js';
import { aboutOrigin } from './origin.js';
import { hintAtCredential, hintAtToken } from './token-elsewhere.js';
import type { TokenVerifier } from './token-verifier.js';

/** What is known of a request only when it is refused. */
export interface Circumstances {
  /** Asks the application what it says of the request. */
  readonly request: () => unknown;
  /** The probable mistake of the developer. */
  readonly hint?: string | undefined;
}

/** A request that is being verified. */
interface Attempt {
  readonly verifier: TokenVerifier;
  readonly source: BearerSource;
  readonly transports: TokenVerifier['transports'];
  readonly describe: (error: AuthError) => Circumstances;
}

/** For the event: what a token with a good signature says. */
export interface TokenHolder {
  readonly subject?: string;
  readonly sessionId?: string;
}

export function holderOf(claims: Claims, subject: string | undefined): TokenHolder {
  const sessionId = ownClaim(claims, 'sid');
  return {
    ...(subject !== undefined && { subject }),
    ...(typeof sessionId === 'string' && { sessionId }),
  };
}

/**
 * Emits `verification.refused`. No event for a request without anything that looks like a token, and none for a check that failed
 * with 503: that emits `hook.failed` or the like.
 */
export function reportRejection(
  { verifier, source, transports, describe }: Attempt,
  error: AuthError,
  holder: TokenHolder,
): void {
  if (error.status >= 500) return;
  const { request: ask, hint: given } = describe(error);
  const isMissing = error.code === 'token_missing';
  const { check } = error as Partial<InvalidTokenError>;
  const isUnreadable = error.code === 'request_malformed' || check === 'shape';
  const hint =
    given ??
    (isMissing ? hintAtToken(source, transports) : undefined) ??
    (isUnreadable ? hintAtCredential(source, transports) : undefined);
  if (isMissing && hint === undefined) return;
  const request = ask();
  verifier.hooks.emit({
    type: 'verification.refused',
    code: error.code,
    ...(check && { check }),
    ...holder,
    ...(error.code === 'origin_refused' && isRequest(source) && aboutOrigin(source)),
    ...(hint !== undefined && { hint }),
    ...(request !== undefined && { request }),
  });
}
