// The decision table of a refresh: the presented token against the session record. Pure.

import type { Millis, SessionSnapshot } from '../store/session-store.js';
import type { PresentedRefreshToken } from './refresh-token.js';

/** What to do about a presented refresh token. */
export type Verdict =
  /** The current token: exchange it for its successor. */
  | 'rotate'
  /** The current token, rotated within the settle time: a new access token, and the same refresh token. */
  | 'hold'
  /** The predecessor, within the reuse interval: the same successor again. Nothing is written. */
  | 'replay'
  /** The predecessor, after the reuse interval and within the settle time: the client repeats later. Not treated as reuse. */
  | 'pending'
  /** Not made by this issuer, or that cannot be known: refused, without consequence. */
  | 'invalid'
  /** The tag is right, but the token was never issued: the refresh key has leaked. Refused, without consequence. */
  | 'forged'
  /** The token is ahead of the record: the store lost a write. Refused, without consequence. */
  | 'rolled back'
  /** An issued token that was spent: the session ends. */
  | 'reused';

/** The presented token, as the table needs it. */
export interface RotationCase extends Pick<
  PresentedRefreshToken,
  'generation' | 'secretHash' | 'sealed'
> {
  /**
   * For a token of the record's parent generation: hash of the secret that it derives to for the record's generation,
   * under the key that the record names. `undefined` when that key is no longer among the keys.
   */
  readonly derivedHash: string | undefined;
  /** The name of this call. */
  readonly attempt: string;
}

type RotationRecord = Omit<SessionSnapshot, 'data'>;

interface RotationPolicy {
  /** Milliseconds in which the predecessor gets the same successor again; 0 for never. */
  readonly reuseInterval: Millis;
}

/**
 * Decides on a refresh token whose form was checked, and its tag when its key is known, and for which there is a record.
 * Each return is a row of the table in docs/refresh.md. Time is the store's.
 */
export function decide(
  presented: RotationCase,
  record: RotationRecord,
  policy: RotationPolicy,
): Verdict {
  const { sealed } = presented;
  const settleTime = settleTimeOf(policy, record);
  const age = record.asOf - record.rotatedAt;
  // An age below minus the settle time comes from a clock that was ahead and was corrected: the record counts as old.
  const isUnsettled = settleTime > 0 && Math.abs(age) <= settleTime;

  if (presented.generation === record.generation) {
    // The secret decides alone, so this also works for a token whose key was removed.
    if (presented.secretHash !== record.secretHash) return sealed ? 'forged' : 'invalid';
    // Only one response contains generation 1. A later generation may be in another response that is still on its way: if the
    // token were spent now, that response would put a spent token into the browser's cookies.
    return isUnsettled && presented.generation > 1 ? 'hold' : 'rotate';
  }

  if (presented.generation > record.generation) return sealed ? 'rolled back' : 'invalid';

  if (presented.generation === record.parentGeneration) {
    if (presented.derivedHash === undefined) return isUnsettled && sealed ? 'pending' : 'invalid';
    // The true predecessor is the only token that derives to the current one.
    if (presented.derivedHash !== record.secretHash) return sealed ? 'forged' : 'invalid';
    if (presented.attempt === record.attempt) return 'replay';
    // Responses of the reuse interval may still be on their way, so this may be an honest client.
    if (isUnsettled) return age <= settleTime / 2 ? 'replay' : 'pending';
    return 'reused';
  }

  // Older than the predecessor. Its secret can no longer be compared, so only a checked tag shows that it was issued.
  return sealed ? 'reused' : 'invalid';
}

/**
 * The time in which a session rotates at most once: twice the reuse interval, in milliseconds.
 *
 * At most half the idle lifetime of the record. An issuer with a shorter reuse interval may have written the record, and a
 * session that could not rotate during its idle lifetime would end although its user is active.
 */
export function settleTimeOf(
  { reuseInterval }: RotationPolicy,
  { idleLifetime }: RotationRecord,
): Millis {
  return Math.min(2 * reuseInterval, Math.floor(idleLifetime / 2));
}
