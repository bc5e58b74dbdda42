// End of the guard journey: what a handler gets to see of a verified access token.

import type { ProtectionSpace } from '../errors/challenge.js';
import { scopesOf, type AccessTokenClaims } from '../jwt/claims.js';
import { deepFreeze } from '../lib/frozen.js';
import { FrozenScopes } from '../lib/scope.js';

/** An access token whose every check has passed. Frozen, claims and all. */
export interface VerifiedToken {
  /** The claim `sub`: who calls. */
  readonly subject: string;
  /** The claim `sid`: the session, where the token names one. */
  readonly sessionId: string | undefined;
  /** The claim `scope`, or what the issuer has in its place, as a set. */
  readonly scopes: ReadonlySet<string>;
  /** When the token is over, in seconds since the epoch. */
  readonly expiresAt: number;
  /** All claims. */
  readonly claims: AccessTokenClaims;
  /** Where the token was accepted; a guard that refuses it says so in its challenge. */
  readonly space: ProtectionSpace;
}

/** Wraps claims that have passed every check. */
export function toVerifiedToken(
  claims: Readonly<Record<string, unknown>>,
  space: ProtectionSpace,
  scopeClaim?: string,
): VerifiedToken {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every claim of the type has been checked
  const checked = deepFreeze(claims) as AccessTokenClaims;
  return Object.freeze({
    subject: checked.sub,
    sessionId: checked.sid,
    scopes: new FrozenScopes(scopesOf(checked, scopeClaim) ?? []),
    expiresAt: checked.exp,
    claims: checked,
    space,
  });
}
