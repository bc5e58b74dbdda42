// Checks after verification: scopes, claims and checks of the application. RFC 6750 §3.1

import type { MaybePromise } from '../lib/maybe-promise.js';
import { ownClaim, type ClaimValue } from '../jwt/claims.js';
import { ClaimRefusedError, InsufficientScopeError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import { refuseOption, requireText } from '../lib/options.js';
import { readScopes } from '../lib/scope.js';
import { requireVerifier, type TokenVerifier } from './token-verifier.js';
import type { VerifiedToken } from './verified-token.js';

/**
 * A check after verification: returns when the token passes, throws an error when it does not. `Context` is what the
 * framework passes to a handler.
 */
export type Guard<Context = unknown> = (
  token: VerifiedToken,
  context: Context,
) => MaybePromise<void>;

/** Scopes in any of the forms `'a b'`, `['a', 'b']` and `'a', 'b'`. */
export type ScopeList = readonly (string | readonly string[])[];

/**
 * Requires that a token has all of the scopes.
 *
 * @throws {@link InsufficientScopeError} (403) one is missing; the challenge names all required scopes.
 * @throws TypeError no scope was named: every token would pass.
 */
export function requireScopes(token: VerifiedToken, ...scopes: ScopeList): void {
  requireAll(token, readScopeList(scopes));
}

/** A guard that requires all of the scopes. @throws TypeError no scope was named: every token would pass. */
export function guardScopes(...scopes: ScopeList): Guard {
  const required = readScopeList(scopes);
  return function requireAllScopes(token) {
    requireAll(token, required);
  };
}

/** A guard that requires at least one of the scopes. @throws TypeError no scope was named: no token would pass. */
export function guardAnyScope(...scopes: ScopeList): Guard {
  const accepted = readScopeList(scopes);
  return function requireAnyScope(token) {
    if (!accepted.some((scope) => token.scopes.has(scope)))
      throw insufficientScope(accepted, token);
  };
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
  if (!values.every((value) => ['string', 'number', 'boolean'].includes(typeof value))) {
    throw new TypeError(
      `claim('${name}') compares with strings, numbers and booleans only: pass one of these`,
    );
  }
  return function requireClaim(token) {
    const claim = ownClaim(token.claims, name);
    const candidates: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
    if (!values.some((value) => candidates.includes(value)))
      throw new ClaimRefusedError(token.space);
  };
}

/**
 * A guard that calls a function of the application, which may be async. Only `true` passes.
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
    const passes = await callHook(verifier.hooks, 'check', call, (answer) => answer === true);
    if (!passes) throw new ClaimRefusedError(token.space);
  };
}

function readScopeList(scopes: ScopeList): readonly string[] {
  const required = readScopes('scopes', scopes);
  if (required.length === 0) throw new TypeError('a scope guard must name at least one scope');
  return required;
}

function requireAll(token: VerifiedToken, required: readonly string[]): void {
  if (!required.every((scope) => token.scopes.has(scope))) throw insufficientScope(required, token);
}

function insufficientScope(
  scopes: readonly string[],
  token: VerifiedToken,
): InsufficientScopeError {
  return new InsufficientScopeError(scopes.join(' '), token.space);
}
