// On the guard journey: verified token to pass or refusal. RFC 6750 §3.1

import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { ownClaim, type ClaimValue } from '../jwt/claims.js';
import { ClaimRefusedError, InsufficientScopeError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import { refuseOption, requireText } from '../lib/options.js';
import { readScopes } from '../lib/scope.js';
import type { TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';

/**
 * A check after verification: returns when the token may pass, throws the refusal when not. `Context` is what the
 * framework hands to a handler.
 */
export type Guard<Context = unknown> = (
  token: VerifiedToken,
  context: Context,
) => MaybePromise<void>;

/** Scopes as a developer writes them: `'a b'`, `['a', 'b']` or `'a', 'b'`. */
export type ScopeList = readonly (string | readonly string[])[];

/**
 * Requires that a token has all of the scopes.
 *
 * @throws {@link InsufficientScopeError} (403) one is missing; its challenge names all that are asked for.
 * @throws TypeError no scope was named, which would let everybody through.
 */
export function requireScopes(token: VerifiedToken, ...scopes: ScopeList): void {
  refuseLacking(token, readRequired(scopes));
}

/** A guard for tokens that have all of the scopes. */
export function guardScopes(...scopes: ScopeList): Guard {
  const required = readRequired(scopes);
  return function requireAllScopes(token) {
    refuseLacking(token, required);
  };
}

/** A guard for tokens that have at least one of the scopes. */
export function guardAnyScope(...scopes: ScopeList): Guard {
  const accepted = readRequired(scopes);
  return function requireAnyScope(token) {
    if (!accepted.some((scope) => token.scopes.has(scope))) throw lacking(accepted, token);
  };
}

/**
 * A guard for tokens whose claim is one of the values, or an array that holds one of them.
 *
 * Values are compared with `===`, on own properties of the claims only.
 */
export function guardClaim(name: string, ...values: readonly ClaimValue[]): Guard {
  requireText('claim name', name);
  if (values.length === 0) throw new TypeError(`claim('${name}') must name at least one value`);
  // `undefined` would be what every token without the claim holds.
  if (!values.every((value) => ['string', 'number', 'boolean'].includes(typeof value))) {
    throw new TypeError(`claim('${name}') compares with strings, numbers and booleans only`);
  }
  return function requireClaim(token) {
    const claim = ownClaim(token.claims, name);
    const held: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
    if (!values.some((value) => held.includes(value))) throw new ClaimRefusedError(token.space);
  };
}

/**
 * A guard for tokens that satisfy a predicate of the application's own. It may be async; only `true` passes.
 *
 * A predicate that throws or is too slow could not check, so the request gets 503 and not 403.
 */
export function guardCheck<Context>(
  verifier: TokenVerifier,
  predicate: (token: VerifiedToken, context: Context) => boolean | Promise<boolean>,
): Guard<Context> {
  if (typeof predicate !== 'function') refuseOption('check predicate', 'a function', predicate);
  return function requireCheck(token, context) {
    const call = () => predicate(token, context);
    const answer = callHook(verifier.hooks, 'check', call, (value) => value === true);
    return andThen(answer, (passes) => {
      if (!passes) throw new ClaimRefusedError(token.space);
    });
  };
}

function readRequired(scopes: ScopeList): readonly string[] {
  const required = readScopes('scopes', scopes);
  if (required.length === 0) throw new TypeError('a scope guard must name at least one scope');
  return required;
}

function refuseLacking(token: VerifiedToken, required: readonly string[]): void {
  if (!required.every((scope) => token.scopes.has(scope))) throw lacking(required, token);
}

function lacking(scopes: readonly string[], token: VerifiedToken): InsufficientScopeError {
  return new InsufficientScopeError(scopes.join(' '), token.space);
}
