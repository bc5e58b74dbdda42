// The decision table of a refresh: the presented token against the session record. Pure. docs/refresh.md shows it.
//
// All times are ages in milliseconds, by the store's clock.

/** What to do about a presented refresh token. */
export type Verdict =
  /** The current token: exchange it for its successor. */
  | 'rotate'
  /** The current token, written within the settle time: a new access token, and the same refresh token. */
  | 'hold'
  /** A predecessor, within the reuse interval: the successor that exists. Nothing is written. */
  | 'replay'
  /** A predecessor whose answer was lost: another successor. The former one is dead from then on. */
  | 'recover'
  /** The store has lost the write that made this token: make it again. */
  | 'redo'
  /** It cannot be decided yet: the client repeats later. Nothing was spent. */
  | 'retry'
  /** Not made by this issuer, or that cannot be known: refused, without consequence. */
  | 'invalid'
  /** The tag is right, but the token was never issued: the refresh key has leaked. Refused, without consequence. */
  | 'forged'
  /** The store has lost more than one write. Refused, without consequence. */
  | 'rolled back'
  /** An issued token that was spent: the session ends. */
  | 'reused';

/** A refresh token whose form was checked, and its tag where its key is known. */
export interface PresentedCase {
  readonly generation: number;
  readonly secretHash: string;
  /** Hash of the predecessor's secret, which the token carries too; `undefined` in generation 1. */
  readonly parentHash: string | undefined;
  /** Whether the tag was checked; false when its key is gone. */
  readonly sealed: boolean;
}

/** The record, as the table needs it. */
export interface StoredCase {
  readonly generation: number;
  readonly secretHash: string;
  /**
   * The tokens that the client may still hold instead of the current one: the one that the current token was made from,
   * and after a step-up also that one's predecessors. `firstUse`: how long ago each was first exchanged for a successor.
   */
  readonly predecessors: readonly { readonly secretHash: string; readonly firstUse: number }[];
  /** How long ago the current generation was written. */
  readonly age: number;
  /** The highest generation seen in use; 0 when none was. */
  readonly confirmed: number;
  /** Whether the current token cannot be derived again: a step-up wrote it, or the repetition of a lost step-up. */
  readonly steppedUp: boolean;
  /** Whether the key of the current token exists, and the presented token derives to the current one under it. */
  readonly keyIsThere: boolean;
}

export interface RotationPolicy {
  /** How long a predecessor gets the same successor again; 0: never. */
  readonly reuseInterval: number;
  /** A generation is not rotated before it is older than this: twice the reuse interval. */
  readonly settleTime: number;
  /** How long after its first use a predecessor can recover; 0: never. */
  readonly recovery: number;
}

/** A recovery goes one further than the record, and a store loses few of them. A token further ahead is not believed. */
const furthestAhead = 8;

/** Decides on a refresh token for which there is a record. The rows are those of the table in docs/refresh.md. */
export function decide(
  presented: PresentedCase,
  stored: StoredCase,
  policy: RotationPolicy,
): Verdict {
  const { reuseInterval, settleTime } = policy;
  // An age below minus the settle time comes from a clock that was ahead and was corrected. It counts as old.
  const isUnsettled = reuseInterval > 0 && Math.abs(stored.age) <= settleTime;

  if (presented.generation === stored.generation && presented.secretHash === stored.secretHash) {
    // Responses with this token may still be on their way. If it were spent now, one of them could put a spent token into the
    // browser's cookies. Generation 1 was in one response only.
    return isUnsettled && presented.generation > 1 ? 'hold' : 'rotate';
  }

  // The hash of its secret identifies a predecessor, so no key is needed.
  const predecessor = stored.predecessors.find(
    ({ secretHash }) => secretHash === presented.secretHash,
  );
  if (predecessor !== undefined) {
    return decideOnPredecessor(presented, predecessor.firstUse, stored, policy, isUnsettled);
  }

  // What is left is ahead, old or foreign. Without a tag there is nothing to tell them apart.
  if (!presented.sealed) return 'invalid';
  if (presented.generation < stored.generation) return 'reused';
  // A token also carries its predecessor's secret, which only the holder of a real token has: the refresh key is not enough.
  const carriesKnown = [stored, ...stored.predecessors].some(
    ({ secretHash }) => secretHash === presented.parentHash,
  );
  if (presented.generation === stored.generation) return carriesKnown ? 'rolled back' : 'forged';
  const isNear = presented.generation <= stored.generation + furthestAhead;
  return carriesKnown && isNear ? 'redo' : 'rolled back';
}

function decideOnPredecessor(
  presented: PresentedCase,
  firstUse: number,
  { age, generation, confirmed, steppedUp, keyIsThere }: StoredCase,
  { reuseInterval, recovery }: RotationPolicy,
  isUnsettled: boolean,
): Verdict {
  const isInTime = recovery > 0 && firstUse <= recovery;
  const hasLostAWrite = confirmed > generation;
  if (isUnsettled || (hasLostAWrite && isInTime)) {
    // The token of a step-up is never given for an older one.
    const canRepeat = isUnsettled && age <= reuseInterval && keyIsThere && !steppedUp;
    return canRepeat ? 'replay' : 'retry';
  }
  const signalWorks = confirmed > 0;
  const successorSeen = confirmed > presented.generation;
  return isInTime && signalWorks && !successorSeen ? 'recover' : 'reused';
}
