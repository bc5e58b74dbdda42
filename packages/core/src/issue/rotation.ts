// On the refresh journey: presented token against record: the decision table, pure.

import type { SessionSnapshot } from '../store/session-store.js';

/** What follows for a presented refresh token. */
export type Verdict =
  /** It is the current one: swap it for its successor. */
  | 'rotate'
  /** It is the predecessor, in good faith: the same successor again, and nothing is written. */
  | 'replay'
  /** It is none of ours, or nothing can be said of it: refused, and nothing happens. */
  | 'invalid'
  /** Its tag is good but we never issued it: the refresh key has leaked. Refused, and nothing happens. */
  | 'forged'
  /** It is ahead of the record: the store lost a write. Refused, and nobody is accused. */
  | 'rolled back'
  /** It is a real token that was spent: the session ends. */
  | 'reused';

/** What the table looks at, beside the record. */
export interface RotationCase {
  readonly generation: number;
  readonly secretHash: string;
  /** Whether the tag was checked and is good; false when its key has been retired. */
  readonly sealed: boolean;
  /**
   * Hash of the secret that the presented one derives to for the record's generation, under the key that the record
   * names; `undefined` when that key is gone.
   */
  readonly derivedHash: string | undefined;
  /** Names the call that asks. */
  readonly attempt: string;
}

export interface RotationPolicy {
  /** Milliseconds in which the predecessor gets the same successor again. */
  readonly reuseInterval: number;
}

/**
 * Decides on a refresh token whose shape and, where its key is known, tag were good, and for which there is a record.
 * Each line is a row of the table in docs/refresh.md. The store's clock decides about time.
 */
export function decide(
  presented: RotationCase,
  record: SessionSnapshot,
  { reuseInterval }: RotationPolicy,
): Verdict {
  const { sealed } = presented;

  if (presented.generation === record.generation) {
    // Also for a token whose key was retired: the secret speaks for it.
    if (presented.secretHash === record.secretHash) return 'rotate';
    return sealed ? 'forged' : 'invalid';
  }

  if (presented.generation > record.generation) return sealed ? 'rolled back' : 'invalid';

  if (presented.generation === record.parentGeneration) {
    if (presented.derivedHash === undefined) return 'invalid';
    // The true predecessor is the only token that derives to the current one.
    if (presented.derivedHash !== record.secretHash) return sealed ? 'forged' : 'invalid';
    if (presented.attempt === record.attempt) return 'replay';
    // A store whose clock went back is inside the interval, not outside.
    if (record.asOf - record.rotatedAt <= reuseInterval && reuseInterval > 0) return 'replay';
    // Here recovery will stand: one new successor for a lost answer, once the confirm signal tells a lost answer
    // from a thief. Until then the row is closed.
    return 'reused';
  }

  // Older than the predecessor. Its secret can no longer be compared, so only a checked tag shows that it was ours.
  return sealed ? 'reused' : 'invalid';
}
