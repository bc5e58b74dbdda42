// Third check: whether the ring can be rotated without a refusal, and has been.

import { kindOf } from '../algorithms.js';
import type { KeyRing, RefreshKeyEntry, SigningKeyEntry } from '../key-ring.js';
import { neededUntil, type Lifetimes } from '../lifetimes.js';
import { isoTime } from '../rotate.js';
import { finding, placeOf, type Finding } from './finding.js';

/** Milliseconds after which a current key is called old. */
const age: Readonly<Record<keyof KeyRing, number>> = {
  keys: 90 * 86_400_000,
  refreshKeys: 365 * 86_400_000,
};

/** @param now - milliseconds since the epoch. */
export function checkUpkeep(
  { keys = [], refreshKeys = [] }: KeyRing,
  now: number,
  lifetimes: Lifetimes,
): Finding[] {
  return [
    ...checkList('keys', keys, now, lifetimes),
    ...checkList('refreshKeys', refreshKeys, now, lifetimes),
    ...checkSharedSecret(keys),
  ];
}

function checkList(
  list: keyof KeyRing,
  keys: readonly (SigningKeyEntry | RefreshKeyEntry)[],
  now: number,
  lifetimes: Lifetimes,
): Finding[] {
  const findings = keys.flatMap((key, index) => {
    const place = placeOf(list, index, key);
    const since = Date.parse(key.since);
    // A minute, because clocks differ.
    if (since > now + 60_000) {
      const problem = `it has been ${key.state} since ${isoTime(since)}, which is yet to come`;
      const advice = 'Set the clock, or the since of the key.';
      return [finding('since_unusable', place, problem, advice)];
    }
    if (key.state === 'retiring' && neededUntil(list, key, lifetimes) <= now) {
      const until = isoTime(neededUntil(list, key, lifetimes));
      const problem = `the last token under it was over at ${until}`;
      return [finding('retiring_over', place, problem, 'Take it out: tokenpair keygen --prune.')];
    }
    if (key.state === 'current' && now - since > age[list]) {
      const days = Math.floor((now - since) / 86_400_000);
      const problem = `it has been current for ${days} days`;
      return [finding('key_old', place, problem, 'Change it: tokenpair keygen --rotate.')];
    }
    return [];
  });
  // A service that only verifies is given what comes next; it makes nothing.
  const isMade = keys.some((key) => !('publicKey' in key));
  if (isMade && !keys.some((key) => key.state === 'next')) {
    const problem =
      'no key is next, so a change of keys at once would be refused by whoever does not know it';
    const advice = 'Publish one ahead of time: tokenpair keygen --rotate.';
    findings.push(finding('no_next', list, problem, advice));
  }
  return findings;
}

function checkSharedSecret(keys: readonly SigningKeyEntry[]): Finding[] {
  const index = keys.findIndex(
    ({ state, algorithm }) => state === 'current' && kindOf(algorithm).type === 'secret',
  );
  const key = keys[index];
  if (key === undefined) return [];
  const problem = `whoever verifies ${key.algorithm} has the secret, and with it can sign`;
  const advice = 'Where other services verify, give them public keys: ES256 or EdDSA.';
  return [finding('secret_verifies', placeOf('keys', index, key), problem, advice)];
}
