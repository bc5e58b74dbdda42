// On the way of keygen --rotate: next becomes current, current becomes retiring. Pure.

import { inOrder, type RefreshKeyEntry, type SigningKeyEntry } from './key-ring.js';
import { knownFrom } from './lifetimes.js';
import { Refusal } from './refusal.js';

type AnyKey = SigningKeyEntry | RefreshKeyEntry;

export interface Rotation<Key extends AnyKey> {
  readonly keys: readonly Key[];
  /** `published`: there was no next key, so the current one stays for this time. */
  readonly step: 'published' | 'switched';
  readonly current: Key;
  readonly next: Key;
}

/** Once every process has a key, it may be used; that is why a rotation takes two steps. */
export interface RotationTime {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Seconds until every process has loaded a file; 0 when that is not to be waited for. */
  readonly settle: number;
}

/**
 * One step in the life of a list of keys.
 *
 * @param makeNext - makes the key that will be used after the coming one, and is told the key that it follows.
 * @throws Refusal when the next key was made so lately that some process may not know it.
 */
export function rotate<Key extends AnyKey>(
  keys: readonly Key[],
  { now, settle }: RotationTime,
  makeNext: (before: Key) => Key,
): Rotation<Key> {
  const current = requireCurrent(keys);
  const coming = keys.find((key) => key.state === 'next');
  if (coming === undefined) {
    const next = makeNext(current);
    return { keys: inOrder([...keys, next]), step: 'published', current, next };
  }
  const from = knownFrom(coming, { settle });
  // Without a wait the clock has no say: it may be behind the one by which the file was written.
  if (settle > 0 && now < from && !isFresh(keys, current, coming)) {
    throw new Refusal(
      `The next key '${coming.kid}' has been in the file since ${isoTime(Date.parse(coming.since))} only, and a ` +
        'process that has not loaded it would refuse what it makes. ' +
        `Rotate after ${isoTime(from)}, or say --force if the current key has leaked.`,
    );
  }
  const since = new Date(now).toISOString();
  const next = makeNext(coming);
  const moved = keys.map((key) => {
    if (key === coming) return { ...key, state: 'current' as const, since };
    return key === current ? { ...key, state: 'retiring' as const, since } : key;
  });
  const rotated = inOrder([...moved, next]);
  return { keys: rotated, step: 'switched', current: requireCurrent(rotated), next };
}

/**
 * The id for one more refresh key. They are given in turn, so that an id that somebody took out by hand comes last: under
 * another key the tokens that still bear it would be refused.
 *
 * @throws Refusal when all 15 are taken.
 */
export function nextRefreshId(
  keys: readonly RefreshKeyEntry[],
  before: RefreshKeyEntry | undefined,
): string {
  const taken = new Set(keys.map((key) => key.kid));
  const last = Number(before?.kid ?? 0);
  const inTurn = Array.from({ length: 15 }, (_, step) => String(((last + step) % 15) + 1));
  const free = inTurn.find((id) => !taken.has(id));
  if (free !== undefined) return free;
  throw new Refusal(
    'All 15 ids of refresh keys are taken. An id is free when --prune has removed its key, which takes as long as a ' +
      'session may last (--absolute-lifetime); the signing keys alone rotate with --signing-only.',
  );
}

/** As keygen has made it: whoever has loaded the current key has loaded the next one with it. */
function isFresh<Key extends AnyKey>(keys: readonly Key[], current: Key, next: Key): boolean {
  return current.since === next.since && !keys.some(({ state }) => state === 'retiring');
}

function requireCurrent<Key extends AnyKey>(keys: readonly Key[]): Key {
  const current = keys.find((key) => key.state === 'current');
  if (current === undefined) throw new TypeError('a checked list has a current key');
  return current;
}

/** An instant as people and programs read it, to the second. */
export function isoTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
