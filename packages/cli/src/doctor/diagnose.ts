// What doctor finds in a key ring: core's verdict, then what core cannot know.

import { keyThumbprint } from '@tokenpair/core';

import { askCore } from '../ask-core.js';
import {
  isoTime,
  keysOf,
  listNames,
  neededUntil,
  type KeyEntry,
  type Lifetimes,
  type ListName,
  type UncheckedRing,
} from '../key-ring.js';
import { weaknessOf } from './weak-secret.js';

/** A problem that doctor reports. */
export interface Finding {
  readonly code: string;
  /** `error`: unsafe, or core refuses it. `warning`: works today and will cause trouble. `hint`: advice only. */
  readonly severity: 'error' | 'warning' | 'hint';
  /** The file, a list or a key. */
  readonly where: string;
  /** What is wrong, without key material. */
  readonly problem: string;
  readonly advice: string;
}

/** A key that core has accepted. */
type PlacedKey = Readonly<{ list: ListName; where: string; key: Partial<KeyEntry> }>;

/** @param required - the lists that must be there. */
export function diagnose(
  ring: UncheckedRing,
  required: readonly ListName[],
  lifetimes: Lifetimes,
  now: number,
): Finding[] {
  const reason = askCore(ring, required);
  if (reason !== undefined) {
    const problem = `core refuses them: ${reason}`;
    const advice = 'An application cannot start with these keys. Correct them, or make new ones.';
    return [{ code: 'refused_by_core', severity: 'error', where: 'the keys', problem, advice }];
  }
  const keys = keysOf(ring).map(({ list, index, key }): PlacedKey => {
    // Every token shows its kid, but a long or unusual one may be something else on the wrong line.
    const name = /^[\w.~:@-]{1,64}$/.test(key.kid ?? '') ? ` '${key.kid}'` : '';
    return { list, key, where: `${list}[${index}]${name}` };
  });
  return [
    ...keys.flatMap(checkSecret),
    ...keys.flatMap((key) => checkTwice(key, keys)),
    ...listNames.flatMap((list) => checkNext(list, ring[list] ?? [])),
    ...keys.flatMap((key) => checkAge(key, lifetimes, now)),
  ];
}

function checkSecret({ where, key: { secret } }: PlacedKey): Finding[] {
  const weakness = secret === undefined ? undefined : weaknessOf(bytesOf(secret));
  if (weakness === undefined) return [];
  const problem = `its secret ${weakness}, so it can be guessed from any token`;
  const advice = 'Replace it by random bytes: keygen --rotate, then keygen --remove.';
  return [{ code: 'secret_guessable', severity: 'error', where, problem, advice }];
}

function bytesOf(secret: NonNullable<KeyEntry['secret']>): Buffer {
  if (typeof secret === 'string') return Buffer.from(secret);
  return Buffer.from(String('base64url' in secret ? secret.base64url : secret['k']), 'base64url');
}

/** One key under two names, and one secret for both kinds of tokens. */
function checkTwice({ list, where, key }: PlacedKey, keys: readonly PlacedKey[]): Finding[] {
  const thumbprint = thumbprintOf(key);
  const first = keys.find((other) => thumbprintOf(other.key) === thumbprint);
  if (first === undefined || first.where === where) return [];
  const problem = `it is the same key as ${first.where}`;
  if (first.list === list) {
    const advice = 'After a leak it would stay in use under its other name. Remove one of them.';
    return [{ code: 'key_twice', severity: 'error', where, problem, advice }];
  }
  const advice = 'A service that knows one to verify tokens knows both. Make a secret for each.';
  return [{ code: 'secret_shared', severity: 'error', where, problem, advice }];
}

function thumbprintOf({ privateKey, publicKey, secret = '' }: Partial<KeyEntry>): string {
  if (privateKey !== undefined) return keyThumbprint({ privateKey });
  return keyThumbprint(publicKey === undefined ? { secret } : { publicKey });
}

function checkNext(where: ListName, keys: readonly Partial<KeyEntry>[]): Finding[] {
  // A service with public keys only makes no next key.
  const own = keys.filter(({ publicKey }) => publicKey === undefined);
  if (own.length === 0 || own.some(({ state }) => state === 'next')) return [];
  if (keys.every(({ state }) => state === undefined)) {
    const problem = 'no key has a state, so no key is published before it signs';
    const advice =
      'Give each key a state and a since, as keygen does. Then keygen can rotate them.';
    return [{ code: 'no_states', severity: 'hint', where, problem, advice }];
  }
  const problem = 'no key is next, so a new key would sign before every service knows it';
  const advice = 'Publish a next key: keygen --rotate.';
  return [{ code: 'no_next', severity: 'warning', where, problem, advice }];
}

const day = 86_400_000;

/** How long a key can be current before doctor gives a hint, in milliseconds. */
const maxAge: Readonly<Record<ListName, number>> = { keys: 90 * day, refreshKeys: 365 * day };

function checkAge({ list, where, key }: PlacedKey, lifetimes: Lifetimes, now: number): Finding[] {
  if (key.since === undefined) return [];
  const since = new Date(key.since).getTime();
  // Clocks may differ by a minute.
  if (since > now + 60_000) {
    const problem = `its since, ${isoTime(since)}, is in the future`;
    const advice = 'Correct its since, or the clock.';
    return [{ code: 'since_unusable', severity: 'error', where, problem, advice }];
  }
  const until = neededUntil(list, key.since, lifetimes);
  if (key.state === 'retiring' && until <= now) {
    const problem = `its last token expired at ${isoTime(until)}`;
    const advice = 'Remove it: keygen --prune.';
    return [{ code: 'retiring_over', severity: 'warning', where, problem, advice }];
  }
  if (key.state === 'current' && now - since > maxAge[list]) {
    const problem = `it has been current for ${Math.floor((now - since) / day)} days`;
    const advice = 'Change it: keygen --rotate.';
    return [{ code: 'key_old', severity: 'hint', where, problem, advice }];
  }
  return [];
}
