// One rotation of a list of keys: next becomes current, current becomes retiring.

import type { KeyEntry } from './key-ring.js';
import { isoTime } from './lifetimes.js';
import { Refusal } from './refusal.js';

export interface RotateOptions {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Seconds until every process has loaded a changed file; 0 to rotate without waiting. */
  readonly settle: number;
  /** Makes the key that follows another. */
  readonly makeNext: (before: KeyEntry) => KeyEntry;
}

export interface Rotation {
  readonly keys: readonly KeyEntry[];
  readonly current: KeyEntry;
  readonly next: KeyEntry;
  /** False if there was no next key: then one was published, and the current key stays. */
  readonly isSwitched: boolean;
}

/** @throws Refusal if some process may not know the next key yet. */
export function rotate(
  keys: readonly KeyEntry[],
  { now, settle, makeNext }: RotateOptions,
): Rotation {
  const current = requireOne(keys, 'current');
  const coming = keys.some(({ state }) => state === 'next') ? requireOne(keys, 'next') : undefined;
  if (coming === undefined) {
    const next = makeNext(current);
    return { keys: inOrder([...keys, next]), current, next, isSwitched: false };
  }
  const knownFrom = Date.parse(coming.since) + settle * 1_000;
  // With `settle` 0 the clock does not count: it may be behind the one of the machine that wrote the file.
  if (settle > 0 && now < knownFrom && !wereMadeTogether(keys, current, coming)) {
    throw new Refusal(
      `The next key '${coming.kid}' was added at ${isoTime(Date.parse(coming.since))}. Processes that have not loaded ` +
        `it would refuse its tokens. Rotate after ${isoTime(knownFrom)}, or use --force if the current key has leaked.`,
    );
  }
  const since = new Date(now).toISOString();
  const [switched, next] = [{ ...coming, state: 'current', since } as const, makeNext(coming)];
  const rest = keys.filter((key) => key !== current && key !== coming);
  const retired = { ...current, state: 'retiring', since } as const;
  return {
    keys: inOrder([switched, next, retired, ...rest]),
    current: switched,
    next,
    isSwitched: true,
  };
}

/** Core makes sure that one key is current. */
function requireOne(keys: readonly KeyEntry[], wanted: KeyEntry['state']): KeyEntry {
  const [key, another] = keys.filter(({ state }) => state === wanted);
  if (key !== undefined && another === undefined) return key;
  throw new Refusal(`One key must have the state ${wanted}, and only one.`);
}

/** In a new file, every process that has loaded the current key has loaded the next one too. */
function wereMadeTogether(keys: readonly KeyEntry[], current: KeyEntry, next: KeyEntry): boolean {
  return current.since === next.since && !keys.some(({ state }) => state === 'retiring');
}

/** The current key first, the oldest last. */
function inOrder(keys: readonly KeyEntry[]): KeyEntry[] {
  const states = ['current', 'next', 'retiring'];
  return keys.toSorted(
    (a, b) =>
      states.indexOf(a.state) - states.indexOf(b.state) ||
      Date.parse(b.since) - Date.parse(a.since),
  );
}

/**
 * The id of a new refresh key. Ids are given in turn, so that an id that was removed by hand is reused last: tokens under
 * its former key would be refused.
 *
 * @throws Refusal if all 15 are taken.
 */
export function nextRefreshId(keys: readonly KeyEntry[], before: KeyEntry): string {
  const last = Number(before.kid);
  const inTurn = Array.from({ length: 15 }, (_, step) => String(((last + step) % 15) + 1));
  const free = inTurn.find((id) => !keys.some(({ kid }) => kid === id));
  if (free !== undefined) return free;
  throw new Refusal(
    'All 15 ids of refresh keys are taken. --prune frees an id when no session can hold a token under its key ' +
      '(--absolute-lifetime). Use --signing-only to rotate only the signing keys.',
  );
}
