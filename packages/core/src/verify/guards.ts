// Guards, the checks after verification: scopes, claims and checks of the application. RFC 6750 §3.1

import { ClaimRefusedError, InsufficientScopeError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import { isClaimValue, ownClaim, type ClaimValue } from '../jwt/claims.js';
import type { Duration } from '../lib/duration.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { refuseOption, requireText } from '../lib/options.js';
import { readScopes } from '../lib/scope.js';
import { guardAcr, guardFresh } from './require-fresh.js';
import { requireVerifier, type TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';

/**
 * A check after verification: returns when the token passes, throws an error when it does not. `Context` is what the
 * framework passes to a handler.
 */
export interface Guard<Context = unknown> {
  (token: VerifiedToken, context: Context): MaybePromise<void>;
  /** The scopes that it requires, space-delimited. A request without a valid token gets a challenge that names them. */
  readonly scope?: string;
}

/** Scopes in any of the forms `'a b'`, `['a', 'b']` and `'a', 'b'`. */
export type ScopeList = readonly (string | readonly string[])[];

/**
 * Requires that a token has all of the scopes.
 *
 * @throws {@link InsufficientScopeError} (403) one is missing; the challenge names all required scopes.
 * @throws TypeError no scope was named: every token would pass.
 */
export function requireScopes(token: VerifiedToken, ...scopes: ScopeList): void {
  scopeGuard('every', scopes)(token);
}

/** A guard that requires all of the scopes. @throws TypeError no scope was named: every token would pass. */
export function guardScopes(...scopes: ScopeList): Guard {
  return scopeGuard('every', scopes);
}

/** A guard that requires at least one of the scopes. @throws TypeError no scope was named: no token would pass. */
export function guardAnyScope(...scopes: ScopeList): Guard {
  return scopeGuard('some', scopes);
}

function scopeGuard(
  which: 'every' | 'some',
  scopes: ScopeList,
): ((token: VerifiedToken) => void) & { readonly scope: string } {
  const named = readScopes('scopes', scopes);
  if (named.length === 0) throw new TypeError('a scope guard must name at least one scope');
  const scope = named.join(' ');
  function requireNamedScopes({ scopes: granted, space }: VerifiedToken): void {
    const passes = named[which]((one) => granted.has(one));
    if (!passes) throw new InsufficientScopeError(scope, space);
  }
  return Object.assign(requireNamedScopes, { scope });
}

/**
 * A guard that requires a claim to be one of the values, or an array that contains one of them.
 *
 * Compares with `===`, and reads own properties of the claims only.
 *
 * @throws TypeError no value was given, or one that is not a string, a number or a boolean.
 */
export function guardClaim(name: string, ...values: readonly ClaimValue[]): Guard {
  requireText('claim name', name);
  if (values.length === 0) throw new TypeError(`claim('${name}') must name at least one value`);
  // `undefined` would equal the claim of every token that does not have it.
  const given: readonly unknown[] = values;
  if (!given.every(isClaimValue)) {
    const cure = given.some(Array.isArray)
      ? `pass the values one by one, claim('${name}', 'one', 'two')`
      : 'pass one of these';
    throw new TypeError(
      `claim('${name}') compares with strings, numbers and booleans only: ${cure}`,
    );
  }
  return function requireClaim({ claims, space }) {
    const candidates = [ownClaim(claims, name)].flat();
    if (!values.some((value) => candidates.includes(value))) throw new ClaimRefusedError(space);
  };
}

/**
 * A guard that calls a function of the application, which may be async. Only `true` passes; an answer that is no boolean is refused
 * like `false`, and emitted as `hook.failed`.
 *
 * When the function throws or is too slow, nothing was checked: the request gets 503, not 403.
 *
 * @throws TypeError `verifier` was not made by {@link createTokenVerifier}, or `predicate` is not a function.
 */
export function guardCheck<Context>(
  verifier: TokenVerifier,
  predicate: (token: VerifiedToken, context: Context) => boolean | Promise<boolean>,
): Guard<Context> {
  requireVerifier('guardCheck', verifier);
  if (typeof predicate !== 'function') refuseOption('check predicate', 'a function', predicate);
  return async function requireCheck(token, context) {
    const call = () => predicate(token, context);
    const passes = await callHook(verifier.hooks, 'check', call, (answer) => {
      if (typeof answer !== 'boolean') reportAnswer(verifier, answer);
      return answer === true;
    });
    if (!passes) throw new ClaimRefusedError(token.space);
  };
}

// The request is refused as for false. A `return` that was forgotten would refuse every request without a sign.
function reportAnswer({ hooks }: TokenVerifier, answer: unknown): void {
  const cause = new TypeError(
    `check must answer true or false; it answered a value of type ${typeof answer}`,
  );
  hooks.emit({ type: 'hook.failed', hook: 'check', cause });
}

/**
 * Guards of single routes. Each verifies the request itself, unless that was done before. `Token` has the claims that the schema
 * of the verifier describes.
 */
export interface RouteGuards<Middleware, Context, Token = VerifiedToken> {
  /** Requires all of the scopes. 403 `scope_insufficient` */
  scopes(...scopes: ScopeList): Middleware;
  /** Requires one of the scopes. 403 `scope_insufficient` */
  anyScope(...scopes: ScopeList): Middleware;
  /** Requires that a claim is one of the values, or an array that contains one. 403 `claim_refused` */
  claim(name: string, ...values: readonly ClaimValue[]): Middleware;
  /**
   * Requires that the user proved who they are within this time, and at one of the levels if there are any: see
   * {@link requireFresh}. 401 `authentication_insufficient`
   */
  fresh(within: Duration, ...acr: readonly string[]): Middleware;
  /** Requires one of the levels in the claim `acr`, compared as text. 401 `authentication_insufficient` */
  acr(...values: readonly string[]): Middleware;
  /**
   * Requires that a function of the application answers `true`, or a promise of it. 403 `claim_refused` for any other
   * answer; 503 `temporarily_unavailable` when it throws or is too slow.
   */
  check(predicate: (token: Token, context: Context) => boolean | Promise<boolean>): Middleware;
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
    fresh: (within, ...acr) => toMiddleware(guardFresh(within, ...acr)),
    acr: (...values) => toMiddleware(guardAcr(...values)),
    check: (predicate) => toMiddleware(guardCheck(verifier, predicate)),
  };
}
