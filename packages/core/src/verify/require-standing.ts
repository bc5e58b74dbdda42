// Asks the revocation list of an issuer about a token.

import {
  ClaimsStaleError,
  RevocationsUnavailableError,
  SessionRevokedError,
} from '../errors/errors.js';
import type { ProtectionSpace } from '../errors/challenge.js';
import { ownClaim, type Claims } from '../jwt/claims.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import type { Revocations } from '../revocations/revocations.js';

/** What the list is asked about a token. Kept beside the verified token, so that a request computes nothing. */
export interface Standing {
  readonly rev: number;
  /** The first 16 characters of the session ID; empty without a session. */
  readonly tag: string;
  readonly sessionId: string;
}

/** A token, as far as the list is asked about it. */
export interface Listed {
  readonly standing: Standing;
  /** The version of the list that let the token pass; -1 before it was asked. */
  passedAt: number;
}

const tagLength = 16;

/** The standing of a token whose claims were checked. */
export function standingOf(claims: Claims): Standing {
  const rev = ownClaim(claims, 'rev');
  const sid = ownClaim(claims, 'sid');
  const sessionId = typeof sid === 'string' ? sid : '';
  // A token from before the log has no position.
  return { rev: typeof rev === 'number' ? rev : 0, tag: sessionId.slice(0, tagLength), sessionId };
}

/** Whether the claim `rev` can be a position in a log, or is absent. */
export function isRevReadable(claims: Claims): boolean {
  const rev = ownClaim(claims, 'rev');
  return rev === undefined || (Number.isSafeInteger(rev) && Number(rev) >= 0);
}

/** Whether the list lets a token pass, without a promise. Allocates nothing. */
export function isInGoodStanding(revocations: Revocations | undefined, listed: Listed): boolean {
  return revocations === undefined || verdictOn(revocations, listed) === undefined;
}

/**
 * Requires that the list lets a token pass. While the log has not been read for the first time, waits for it, within the deadline.
 *
 * @throws {@link SessionRevokedError}, {@link ClaimsStaleError} (401) the list says so.
 * @throws {@link RevocationsUnavailableError} (503) the list is behind, and `whenBehind` is `'refuse'`.
 */
export function requireGoodStanding(
  revocations: Revocations,
  listed: Listed,
  { space, deadline }: { readonly space: ProtectionSpace; readonly deadline: number },
): MaybePromise<void> {
  const { follower } = revocations;
  if (follower.hasStarted) return requireVerdict();
  return follower.waitForStart(deadline).then(requireVerdict);

  function requireVerdict(): void {
    const verdict = verdictOn(revocations, listed);
    if (verdict === 'revoked') throw new SessionRevokedError(space);
    if (verdict === 'stale') throw new ClaimsStaleError(space);
    if (verdict === 'behind') throw new RevocationsUnavailableError();
  }
}

// The list is asked again only after it has changed: a look-up among 10 000 sessions reads memory that no cache holds, for 0.3 µs.
function verdictOn({ follower }: Revocations, listed: Listed) {
  const { list } = follower;
  if (listed.passedAt !== list.version) {
    const { rev, tag, sessionId } = listed.standing;
    const verdict = list.verdictOn(rev, tag, sessionId);
    if (verdict !== undefined) return verdict;
    listed.passedAt = list.version;
  }
  return follower.verdictOnUnlisted(listed.standing);
}
