// The decision table of a refresh: the presented token against the session record. Pure.

import type { Millis, SessionSnapshot } from '../store/session-store.js';

/** What follows for a presented refresh token. */
export type Verdict =
  /** The current token: exchange it for its successor. */
  | 'rotate'
  /** The current token, written within the settle time: a new access token, and the same refresh token. */
  | 'hold'
  /** The predecessor, within the reuse interval: the same successor again. Nothing is written. */
  | 'replay'
  /** The predecessor, after the reuse interval and within the settle time: ask again later. Nobody is accused. */
  | 'pending'
  /** Not one of our tokens, or nothing can be said about it: refused, without consequence. */
  | 'invalid'
  /** The tag is good but we never issued the token: the refresh key has leaked. Refused, without consequence. */
  | 'forged'
  /** The token is ahead of the record: the store lost a write. Refused, without consequence. */
  | 'rolled back'
  /** A real token that was spent: the session ends. */
  | 'reused';

/** What the table looks at, beside the record. */
export interface RotationCase {
  readonly generation: number;
  readonly secretHash: string;
  /** Whether the tag was checked and is good; false when its key has been retired. */
  readonly sealed: boolean;
  /**
   * For a token of the record's parent generation: hash of the secret that it derives to for the record's generation,
   * under the key that the record names. `undefined` when that key is gone.
   */
  readonly derivedHash: string | undefined;
  /** Names the call that asks. */
  readonly attempt: string;
}

/** What the table reads of a record. */
export type RotationRecord = Pick<
  SessionSnapshot,
  | 'generation'
  | 'secretHash'
  | 'parentGeneration'
  | 'attempt'
  | 'rotatedAt'
  | 'idleLifetime'
  | 'asOf'
>;

export interface RotationPolicy {
  /** Milliseconds in which the predecessor gets the same successor again. 0: never. */
  readonly reuseInterval: Millis;
}

/**
 * Decides on a refresh token whose shape and, where its key is known, tag were good, and for which there is a record.
 * Each line is a row of the table in docs/refresh.md. The store's clock decides about time.
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
    // The secret alone decides, so this also serves a token whose key was retired.
    if (presented.secretHash !== record.secretHash) return sealed ? 'forged' : 'invalid';
    // Generation 1 was in one answer only. Of a later one another answer may still be under way: if the token were spent
    // now, that answer would put a spent token into the cookie jar.
    return isUnsettled && presented.generation > 1 ? 'hold' : 'rotate';
  }

  if (presented.generation > record.generation) return sealed ? 'rolled back' : 'invalid';

  if (presented.generation === record.parentGeneration) {
    if (presented.derivedHash === undefined) return isUnsettled && sealed ? 'pending' : 'invalid';
    // The true predecessor is the only token that derives to the current one.
    if (presented.derivedHash !== record.secretHash) return sealed ? 'forged' : 'invalid';
    if (presented.attempt === record.attempt) return 'replay';
    // Answers that were sent within the interval are still under way: neither a new token nor an accusation is right.
    if (isUnsettled) return age <= settleTime / 2 ? 'replay' : 'pending';
    return 'reused';
  }

  // Older than the predecessor. Its secret can no longer be compared, so only a checked tag shows that it was ours.
  return sealed ? 'reused' : 'invalid';
}

/**
 * The time in which a session rotates at most once: twice the reuse interval, in milliseconds.
 *
 * Never more than half the idle lifetime of the record, which an issuer with a shorter reuse interval may have written: a
 * session that could not rotate before it becomes idle would end in its owner's hands.
 */
export function settleTimeOf(
  { reuseInterval }: RotationPolicy,
  { idleLifetime }: Pick<RotationRecord, 'idleLifetime'>,
): Millis {
  return Math.min(2 * reuseInterval, Math.floor(idleLifetime / 2));
}
