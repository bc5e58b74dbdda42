// The claims of an access token, and the checks of them. RFC 7519 §4.1, RFC 9068 §2.2

import type { TokenCheck } from '../errors/errors.js';
import { isObject, isWellFormed } from '../lib/options.js';
import { splitScope } from '../lib/scope.js';

/** The payload of a verified access token. Registered names have the meaning of RFC 7519; times are seconds since the epoch. */
export interface AccessTokenClaims {
  readonly iss: string;
  /** Absent only in tokens of an issuer with a `subjectClaim`: use `token.subject`. */
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly iat?: number;
  readonly nbf?: number;
  readonly jti?: string;
  /** Session ID: an identifier, not a credential. */
  readonly sid?: string;
  readonly scope?: string | readonly string[];
  readonly [claim: string]: unknown;
}

/**
 * Claims that only the issuer sets: the claims of the application cannot replace them. `gen` is the generation of the refresh
 * token that came with the access token, `rev` a position in the issuer's revocation log that was known before the `claims` hook was asked.
 */
export const reservedClaims: readonly string[] = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'sid',
  'scope',
  'cnf',
  'gen',
  'rev',
  'client_id',
  'auth_time',
  'acr',
  'amr',
  'act',
  'may_act',
  'authorization_details',
];

/** A payload of which nothing has been checked. */
export type Claims = Readonly<Record<string, unknown>>;

/** Who acts for the subject: the claim `act`. RFC 8693 §4.1 */
export interface Actor {
  /** The actor's `sub`; empty in a token of another issuer that names none. */
  readonly subject: string;
  /** Further members of the claim. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/** Reads the claim `act`. A claim of another type counts as an actor without a name: it must not look like none. */
export function actorOf(claims: Claims): Actor | undefined {
  const act = ownClaim(claims, 'act');
  return act === undefined ? undefined : toActor(isObject(act) ? act : {});
}

export function toActor({ sub, ...claims }: Claims): Actor {
  const hasMore = Object.keys(claims).length > 0;
  const subject = typeof sub === 'string' ? sub : '';
  return Object.freeze({ subject, ...(hasMore && { claims: Object.freeze(claims) }) });
}

/** Reads an own property only: what is inherited from `Object.prototype` or `__proto__` is no claim. */
export function ownClaim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** A check of the times that failed. */
interface FailedTime {
  readonly check: TokenCheck;
  readonly code: 'token_expired' | 'token_not_active' | 'token_invalid';
  /** Seconds until the token is active, 1 to 86 400. */
  readonly retryAfter?: number;
}

/**
 * Returns the first of `exp`, `nbf` and `iat` that fails at `now` (seconds), or `undefined`. An `iat` in the future is no failure: it
 * says when the token was issued, and only `nbf` says from when on it is accepted. RFC 7519 §4.1.4 to §4.1.6
 */
export function failedTimeCheck(
  claims: Claims,
  now: number,
  clockTolerance: number,
): FailedTime | undefined {
  const exp = ownClaim(claims, 'exp');
  if (!isInstant(exp)) return { check: 'exp', code: 'token_invalid' };
  if (now >= exp + clockTolerance) return { check: 'exp', code: 'token_expired' };
  const nbf = ownClaim(claims, 'nbf');
  if (nbf !== undefined && !isInstant(nbf)) return { check: 'nbf', code: 'token_invalid' };
  if (nbf !== undefined && nbf > now + clockTolerance) {
    const seconds = Math.ceil(nbf - clockTolerance - now);
    const retryAfter = Math.min(86_400, Math.max(1, seconds));
    return { check: 'nbf', code: 'token_not_active', retryAfter };
  }
  const iat = ownClaim(claims, 'iat');
  if (iat !== undefined && !isInstant(iat)) return { check: 'iat', code: 'token_invalid' };
  return undefined;
}

/** A value that a claim can be compared with. */
export type ClaimValue = string | number | boolean;

export function isClaimValue(value: unknown): value is ClaimValue {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** What the claims of an issuer's tokens must be, and which claims hold the audience and the scopes. */
export interface ClaimRules {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** The claim that holds the audience. Default `aud`. */
  readonly audienceClaim?: string;
  /** The claim that holds the subject. Default `sub`. */
  readonly subjectClaim?: string;
  /** The claim that holds the scopes. Default `scope`. */
  readonly scopeClaim?: string;
  /** Claims that must have exactly one value. */
  readonly requiredClaims?: readonly (readonly [name: string, value: ClaimValue])[];
}

/** Returns the first claim, other than the times, that breaks a rule, or `undefined`. */
export function failedClaimCheck(
  claims: Claims,
  { issuer, audience, audienceClaim = 'aud', subjectClaim, scopeClaim, requiredClaims }: ClaimRules,
): TokenCheck | undefined {
  if (ownClaim(claims, 'iss') !== issuer) return 'iss';
  if (!isForAudience(ownClaim(claims, audienceClaim), audience)) return 'aud';
  if (subjectOf(claims, subjectClaim) === undefined) return 'sub';
  for (const name of ['sub', 'jti', 'sid'] as const) {
    const value = ownClaim(claims, name);
    if (value !== undefined && typeof value !== 'string') return name;
  }
  if (scopesOf(claims, scopeClaim) === undefined) return 'scope';
  if (requiredClaims?.some(([name, value]) => ownClaim(claims, name) !== value)) return 'claim';
  // The token is bound to a key, and a bearer credential does not prove possession of it. RFC 7800 §3
  return ownClaim(claims, 'cnf') === undefined ? undefined : 'cnf';
}

/** The subject of a token; `undefined` when it is not text that can be one. */
export function subjectOf(claims: Claims, subjectClaim = 'sub'): string | undefined {
  const subject = ownClaim(claims, subjectClaim);
  // A store that keeps text as UTF-8 would confuse subjects with different lone surrogates.
  const isUsable = typeof subject === 'string' && subject !== '' && isWellFormed(subject);
  return isUsable ? subject : undefined;
}

/** The scopes of a token, from a string or an array; `undefined` for any other type. */
export function scopesOf(claims: Claims, scopeClaim = 'scope'): readonly string[] | undefined {
  const scope = ownClaim(claims, scopeClaim);
  if (scope === undefined) return [];
  if (typeof scope === 'string') return splitScope(scope);
  return isArrayOfStrings(scope) ? splitScope(scope.join(' ')) : undefined;
}

// 1e400 is valid JSON and becomes Infinity, which never expires.
function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isForAudience(aud: unknown, audience: readonly string[]): boolean {
  if (typeof aud === 'string') return audience.includes(aud);
  return isArrayOfStrings(aud) && aud.some((one) => audience.includes(one));
}

function isArrayOfStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
