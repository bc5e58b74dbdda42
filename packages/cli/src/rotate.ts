// One rotation of a list of keys: next becomes current, current becomes retiring.

import { createPrivateKey } from 'node:crypto';

import { Refusal } from './command-io.js';
import { isoTime, type KeyEntry, type ListName } from './key-ring.js';
import { makeRefreshKey, makeSigningKey, type KeyOptions } from './make-key.js';

/** @param settle - seconds; 0 to rotate without waiting. @throws Refusal if some process may not know the next key yet. */
export function rotate(
  list: ListName,
  keys: readonly KeyEntry[],
  options: KeyOptions,
  settle: number,
  now: number,
): { readonly keys: readonly KeyEntry[]; readonly report: string } {
  const makeNext = (before: KeyEntry): KeyEntry =>
    list === 'keys'
      ? makeNextSigningKey(before, options, now)
      : makeNextRefreshKey(keys, before, now);
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
  // In a new file, every process that has loaded the current key has loaded the next one too.
  const isNewFile =
    current.since === coming.since && !keys.some(({ state }) => state === 'retiring');
  // With `settle` 0 the clock does not count: it may be behind the one of the machine that wrote the file.
  if (settle > 0 && now < knownFrom && !isNewFile) {
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

function requireOne(keys: readonly KeyEntry[], wanted: KeyEntry['state']): KeyEntry {
  const [key, another] = keys.filter(({ state }) => state === wanted);
  if (key !== undefined && another === undefined) return key;
  throw new Refusal(`One key must have the state ${wanted}, and only one.`);
}

/** The current key first, the oldest last. */
function inOrder(keys: readonly KeyEntry[]): readonly KeyEntry[] {
  const newestFirst = keys.toSorted((a, b) => Date.parse(b.since) - Date.parse(a.since));
  const states = ['current', 'next', 'retiring'];
  return states.flatMap((wanted) => newestFirst.filter(({ state }) => state === wanted));
}

/** A key with the algorithm and size of the one before it, unless the options name others. */
function makeNextSigningKey(before: KeyEntry, options: KeyOptions, now: number): KeyEntry {
  if (before.publicKey !== undefined) {
    throw new Refusal('A file of public keys cannot be rotated. Rotate the private keys.');
  }
  const { algorithm = before.algorithm, bits = rsaBitsOf(before) } = options;
  return makeSigningKey({ ...options, algorithm, bits, state: 'next', now });
}

/** @returns `undefined` for a key that is not an RSA key. */
function rsaBitsOf({ privateKey = {} }: KeyEntry): number | undefined {
  return typeof privateKey === 'string'
    ? createPrivateKey(privateKey).asymmetricKeyDetails?.modulusLength
    : Buffer.from(privateKey.n ?? '', 'base64url').length * 8 || undefined;
}

/** Gives the ids in turn, so that one that was removed by hand is reused last: tokens of its former key would be refused. */
function makeNextRefreshKey(keys: readonly KeyEntry[], before: KeyEntry, now: number): KeyEntry {
  const last = Number(before.kid);
  const inTurn = Array.from({ length: 15 }, (_, step) => String(((last + step) % 15) + 1));
  const free = inTurn.find((id) => !keys.some(({ kid }) => kid === id));
  if (free !== undefined) return makeRefreshKey(free, 'next', now);
  throw new Refusal(
    'All 15 ids of refresh keys are taken. --prune frees an id when no session can hold a token under its key ' +
      '(--absolute-lifetime). Use --signing-only to rotate only the signing keys.',
  );
}
