// A verified access token, as handlers and guards receive it.

import type { ProtectionSpace } from '../errors/challenge.js';
import { readClock, type Clock } from '../hooks/clock.js';
import {
  actorOf,
  scopesOf,
  subjectOf,
  type AccessTokenClaims,
  type Actor,
  type ClaimRules,
  type Claims,
} from '../jwt/claims.js';
import { deepFreeze } from '../lib/frozen.js';
import type { Revocations } from '../revocations/revocations.js';
import { FrozenScopes } from '../lib/scope.js';

/** An access token that passed every check. It is frozen, including its claims. */
export interface VerifiedToken<Own = unknown> {
  /**
   * The user or client that the token was issued for: the claim `sub`, or the issuer's `subjectClaim`. It is unique within
   * `issuer` only: with several issuers, use both to find a user.
   */
  readonly subject: string;
  /** The claim `iss`: who issued the token. */
  readonly issuer: string;
  /** The claim `sid`: the session ID, when the token has one. */
  readonly sessionId: string | undefined;
  /** The scopes of the claim `scope`, or of the issuer's `scopeClaim`. */
  readonly scopes: ReadonlySet<string>;
  /** The claim `exp`: when the token expires, in seconds since the epoch. */
  readonly expiresAt: number;
  /** All claims. Those that the verifier's schema describes have the values and the types of its output. */
  readonly claims: AccessTokenClaims & Own;
  /** The realm and metadata URL of the verifier; a guard that rejects the token repeats them in its challenge. */
  readonly space: ProtectionSpace;
  /** Who acts for the subject, for example support staff: the claim `act`. Absent when the subject acts. */
  readonly actor?: Actor;
  /** @internal Seconds since the epoch, by the clock of the verifier. */
  readonly now: () => number;
  /** @internal The revocation log of the issuer. */
  readonly revocations: Revocations | undefined;
}

/** Wraps claims that passed every check. */
export function toVerifiedToken(
  claims: Claims,
  { space, clock }: { readonly space: ProtectionSpace; readonly clock: Clock },
  {
    subjectClaim,
    scopeClaim,
    revocations,
  }: Pick<ClaimRules, 'subjectClaim' | 'scopeClaim'> & {
    readonly revocations?: Revocations | undefined;
  } = {},
): VerifiedToken {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every claim of the type has been checked
  const checked = deepFreeze(claims) as AccessTokenClaims;
  const actor = actorOf(checked);
  const token: Omit<VerifiedToken, 'now' | 'revocations'> = {
    subject: subjectOf(checked, subjectClaim) ?? checked.sub,
    issuer: checked.iss,
    sessionId: checked.sid,
    scopes: new FrozenScopes(scopesOf(checked, scopeClaim) ?? []),
    expiresAt: checked.exp,
    claims: checked,
    space,
    ...(actor !== undefined && { actor }),
  };
  const now = () => readClock(clock) / 1_000;
  // Not enumerable: an application that logs a token need not see them.
  const hidden = { now: { value: now }, revocations: { value: revocations } };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the members are added here
  return Object.freeze(Object.defineProperties(token, hidden)) as VerifiedToken;
}
