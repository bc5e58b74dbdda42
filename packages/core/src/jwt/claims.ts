// On the guard journey and on refresh: what an access token carries, and the checks of it. RFC 9068 §2.2

import type { TokenCheck } from '../errors/errors.js';
import { isWellFormed } from '../lib/options.js';
import { splitScope } from '../lib/scope.js';

/** The payload of a verified access token. Registered names have their RFC 7519 meaning; times are seconds. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly iat?: number;
  readonly nbf?: number;
  readonly jti?: string;
  /** The session; an identifier, not a credential. */
  readonly sid?: string;
  readonly scope?: string | readonly string[];
  readonly [claim: string]: unknown;
}

/** Claims that are ours to write: an application's own claims cannot replace them. */
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
];

type Claims = Readonly<Record<string, unknown>>;

/** An own property only: what `Object.prototype` or `__proto__` offers is no claim. */
export function ownClaim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** Why the times of a token do not hold. */
export interface FailedTimeCheck {
  readonly check: 'exp' | 'nbf' | 'iat';
  readonly code: 'token_expired' | 'token_not_active' | 'token_invalid';
}

/** First of `exp`, `nbf`, `iat` that does not hold at `now` (seconds), or `undefined`. RFC 7519 §4.1.4 to §4.1.6 */
export function failedTimeCheck(
  claims: Claims,
  now: number,
  clockTolerance: number,
): FailedTimeCheck | undefined {
  const exp = ownClaim(claims, 'exp');
  if (!isInstant(exp)) return { check: 'exp', code: 'token_invalid' };
  if (now >= exp + clockTolerance) return { check: 'exp', code: 'token_expired' };
  for (const check of ['nbf', 'iat'] as const) {
    const start = ownClaim(claims, check);
    if (start === undefined) continue;
    if (!isInstant(start)) return { check, code: 'token_invalid' };
    if (start > now + clockTolerance) return { check, code: 'token_not_active' };
  }
  return undefined;
}

/** What a claim can be compared with. */
export type ClaimValue = string | number | boolean;

/** What the claims of an issuer's tokens must be, and where they stand. */
export interface ClaimRules {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** The claim that holds the audience, where it is not `aud`. */
  readonly audienceClaim?: string;
  /** The claim that holds the scopes, where it is not `scope`. */
  readonly scopeClaim?: string;
  /** Claims that must have exactly one value. */
  readonly requiredClaims?: readonly (readonly [name: string, value: ClaimValue])[];
}

/** First claim, other than the times, that is not as the rules require, or `undefined`. */
export function failedClaimCheck(
  claims: Claims,
  { issuer, audience, audienceClaim = 'aud', scopeClaim, requiredClaims }: ClaimRules,
): TokenCheck | undefined {
  if (ownClaim(claims, 'iss') !== issuer) return 'iss';
  if (!isForAudience(ownClaim(claims, audienceClaim), audience)) return 'aud';
  const sub = ownClaim(claims, 'sub');
  // What keeps a subject as UTF-8 would take one with a lone surrogate for another.
  if (typeof sub !== 'string' || sub === '' || !isWellFormed(sub)) return 'sub';
  for (const name of ['jti', 'sid'] as const) {
    const value = ownClaim(claims, name);
    if (value !== undefined && typeof value !== 'string') return name;
  }
  if (scopesOf(claims, scopeClaim) === undefined) return 'scope';
  if (requiredClaims?.some(([name, value]) => ownClaim(claims, name) !== value)) return 'claim';
  // Bound to a key whose possession a plain bearer credential does not prove. RFC 7800 §3
  return ownClaim(claims, 'cnf') === undefined ? undefined : 'cnf';
}

/** The scopes that a token carries, as a string or as an array; `undefined` when they are neither. */
export function scopesOf(claims: Claims, scopeClaim = 'scope'): readonly string[] | undefined {
  const scope = ownClaim(claims, scopeClaim);
  if (scope === undefined) return [];
  if (typeof scope === 'string') return splitScope(scope);
  return isArrayOfStrings(scope) ? splitScope(scope.join(' ')) : undefined;
}

// JSON can say 1e400, which is Infinity and never over.
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
