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

/** @throws Refusal if some process may not know the next key yet. */
export function rotate(
  keys: readonly KeyEntry[],
  { now, settle, makeNext }: RotateOptions,
): { readonly keys: readonly KeyEntry[]; readonly report: string } {
  const current = requireOne(keys, 'current');
  if (!keys.some(({ state }) => state === 'next')) {
    const next = makeNext(current);
    const report =
      `there was no next key. '${next.kid}' is next now, '${current.kid}' stays current. ` +
      'Rotate again when every process has loaded the file.';
    return { keys: inOrder([...keys, next]), report };
  }
  const coming = requireOne(keys, 'next');
  const knownFrom = Date.parse(coming.since) + settle * 1_000;
  // With `settle` 0 the clock does not count: it may be behind the one of the machine that wrote the file.
  if (settle > 0 && now < knownFrom && !wereMadeTogether(keys, current, coming)) {
    throw new Refusal(
      `The next key '${coming.kid}' was added at ${isoTime(Date.parse(coming.since))}. Processes that have not loaded ` +
        `it would refuse its tokens. Rotate after ${isoTime(knownFrom)}, or use --force if the current key has leaked.`,
    );
  }
  const since = new Date(now).toISOString();
  const next = makeNext(coming);
  const moved = keys.map((key): KeyEntry => {
    if (key === coming) return { ...key, state: 'current', since };
    return key === current ? { ...key, state: 'retiring', since } : key;
  });
  const report = `'${coming.kid}' is current now, '${next.kid}' is next.`;
  return { keys: inOrder([...moved, next]), report };
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
