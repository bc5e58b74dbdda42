// On the way of keygen --prune: retiring keys go when nothing that they made is still good. Pure.

import type { KeyRing, RefreshKeyEntry, SigningKeyEntry } from './key-ring.js';
import { neededUntil, type Lifetimes } from './lifetimes.js';

export interface Pruning<Key> {
  readonly keys: readonly Key[];
  readonly removed: readonly Key[];
}

/** @param now - milliseconds since the epoch. */
export function prune<Key extends SigningKeyEntry | RefreshKeyEntry>(
  list: keyof KeyRing,
  keys: readonly Key[],
  now: number,
  lifetimes: Lifetimes,
): Pruning<Key> {
  const isOver = (key: Key): boolean =>
    key.state === 'retiring' && neededUntil(list, key, lifetimes) <= now;
  return { keys: keys.filter((key) => !isOver(key)), removed: keys.filter(isOver) };
}
