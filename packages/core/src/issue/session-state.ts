// What core writes into the `state` of a session record: notes on the current generation. The store does not read it.
//
//   <key id> <generation>.<hash>[.<first use>] ... [!] [~<attempt>]
//
// First the key that derived and sealed the current token, then its predecessors, the newest first. The first use of a
// predecessor is left out when it is the instant of the record, which only the store knows. Unknown words are skipped, so
// that an older process reads what a newer one wrote.

import { StoreUnavailableError } from '../errors/errors.js';
import type { Millis, SessionRecord } from '../store/session-store.js';

/** A token that the client may still hold instead of the current one. */
export interface Predecessor {
  readonly generation: number;
  readonly secretHash: string;
  /** When it was first exchanged for a successor. */
  readonly firstUse: Millis;
}

/** A predecessor to write; without `firstUse` it is exchanged by this write. */
export type NextPredecessor = Omit<Predecessor, 'firstUse'> &
  Partial<Pick<Predecessor, 'firstUse'>>;

export interface SessionState<P = Predecessor> {
  readonly keyId: number;
  readonly predecessors: readonly P[];
  /** The mark `!`: the current token cannot be derived from a predecessor. */
  readonly isUnderivable?: boolean | undefined;
  /** The call that wrote the generation, where the reuse interval is 0. */
  readonly attempt?: string | undefined;
}

// A client may have lost the answers of several step-ups, and then holds a token this far back.
const maxPredecessors = 4;

export function writeState(state: SessionState<NextPredecessor>): string {
  const { keyId, predecessors, isUnderivable, attempt } = state;
  return [
    String(keyId),
    ...predecessors
      .slice(0, maxPredecessors)
      .map(({ generation, secretHash, firstUse }) =>
        [generation, secretHash, firstUse].filter((part) => part !== undefined).join('.'),
      ),
    ...(isUnderivable === true ? ['!'] : []),
    ...(attempt === undefined ? [] : [`~${attempt}`]),
  ].join(' ');
}

/** @throws {@link StoreUnavailableError} (503) {@link writeState} has not written this. */
export function readState({
  state,
  rotatedAt,
}: Pick<SessionRecord, 'state' | 'rotatedAt'>): SessionState {
  const [keyId = '', ...words] = state.split(' ');
  if (!/^\d{1,2}$/.test(keyId)) {
    throw new StoreUnavailableError({ cause: new TypeError('garbled session state') });
  }
  return {
    keyId: Number(keyId),
    predecessors: words.flatMap((word) => readPredecessor(word, rotatedAt) ?? []),
    isUnderivable: words.includes('!'),
    attempt: words.find((word) => word.startsWith('~'))?.slice(1),
  };
}

function readPredecessor(word: string, rotatedAt: Millis): Predecessor | undefined {
  const [, generation, secretHash, firstUse] = /^(\d+)\.([\w-]{22})(?:\.(\d+))?$/.exec(word) ?? [];
  if (generation === undefined || secretHash === undefined) return undefined;
  return {
    generation: Number(generation),
    secretHash,
    firstUse: firstUse === undefined ? rotatedAt : Number(firstUse),
  };
}
