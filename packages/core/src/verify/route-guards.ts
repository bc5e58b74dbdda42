// On the guard journey as frameworks need it: the guards of single routes, as middleware of any kind.

import type { ClaimValue } from '../jwt/claims.js';
import {
  guardAnyScope,
  guardCheck,
  guardClaim,
  guardScopes,
  type Guard,
  type ScopeList,
} from './require-scopes.js';
import type { TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';

/** Guards of single routes. Each authenticates by itself, unless something before it has. */
export interface RouteGuards<Middleware, Context> {
  /** Requires all of the scopes. 403 `scope_insufficient` */
  scopes(...scopes: ScopeList): Middleware;
  /** Requires one of the scopes. 403 `scope_insufficient` */
  anyScope(...scopes: ScopeList): Middleware;
  /** Requires a claim to be one of the values, or to be an array that holds one. 403 `claim_refused` */
  claim(name: string, ...values: readonly ClaimValue[]): Middleware;
  /** Requires an own predicate, which may be async, to answer `true`. 403 `claim_refused`; 503 when it throws */
  check(
    predicate: (token: VerifiedToken, context: Context) => boolean | Promise<boolean>,
  ): Middleware;
}

/** The guards, each made into middleware by an adapter. */
export function createRouteGuards<Middleware, Context>(
  verifier: TokenVerifier,
  toMiddleware: (guard: Guard<Context>) => Middleware,
): RouteGuards<Middleware, Context> {
  return {
    scopes: (...scopes) => toMiddleware(guardScopes(...scopes)),
    anyScope: (...scopes) => toMiddleware(guardAnyScope(...scopes)),
    claim: (name, ...values) => toMiddleware(guardClaim(name, ...values)),
    check: (predicate) => toMiddleware(guardCheck(verifier, predicate)),
  };
}
