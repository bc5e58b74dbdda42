// The guards of single routes, as middleware of any framework.

import type { ClaimValue } from '../jwt/claims.js';
import {
  guardAnyScope,
  guardCheck,
  guardClaim,
  guardScopes,
  type Guard,
  type ScopeList,
} from './require-scopes.js';
import { requireVerifier, type TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';

/** Guards of single routes. Each verifies the request itself, unless that was done before. */
export interface RouteGuards<Middleware, Context> {
  /** Requires all of the scopes. 403 `scope_insufficient` */
  scopes(...scopes: ScopeList): Middleware;
  /** Requires one of the scopes. 403 `scope_insufficient` */
  anyScope(...scopes: ScopeList): Middleware;
  /** Requires that a claim is one of the values, or an array that contains one. 403 `claim_refused` */
  claim(name: string, ...values: readonly ClaimValue[]): Middleware;
  /**
   * Requires that a function of the application answers `true`, or a promise of it. 403 `claim_refused` for any other
   * answer; 503 `temporarily_unavailable` when it throws or is too slow.
   */
  check(
    predicate: (token: VerifiedToken, context: Context) => boolean | Promise<boolean>,
  ): Middleware;
}

/**
 * Makes the guards of single routes for an adapter.
 *
 * @param verifier - made by {@link createTokenVerifier}, or the `verifier` of an issuer.
 * @param toMiddleware - makes middleware from a guard.
 * @throws TypeError `verifier` is something else; the message says what to pass.
 */
export function createRouteGuards<Middleware, Context>(
  verifier: TokenVerifier,
  toMiddleware: (guard: Guard<Context>) => Middleware,
): RouteGuards<Middleware, Context> {
  requireVerifier('createRouteGuards', verifier);
  return {
    scopes: (...scopes) => toMiddleware(guardScopes(...scopes)),
    anyScope: (...scopes) => toMiddleware(guardAnyScope(...scopes)),
    claim: (name, ...values) => toMiddleware(guardClaim(name, ...values)),
    check: (predicate) => toMiddleware(guardCheck(verifier, predicate)),
  };
}
