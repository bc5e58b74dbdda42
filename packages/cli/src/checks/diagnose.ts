// On the way of doctor: a ring to findings, in the order in which they matter. Pure.

import type { KeyRing } from '../key-ring.js';
import type { Lifetimes } from '../lifetimes.js';
import { whatCoreRefuses } from './core.js';
import { finding, type Finding } from './finding.js';
import { checkShape, isRing } from './shape.js';
import { checkStrength } from './strength.js';
import { checkUpkeep } from './upkeep.js';

export interface Circumstances {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lifetimes: Lifetimes;
  /** The lists that there should be. */
  readonly lists: readonly (keyof KeyRing)[];
}

/** Names what is weak or missing in a ring; no finding has key material in it. */
export function diagnose(ring: unknown, { now, lifetimes, lists }: Circumstances): Finding[] {
  const shape = checkShape(ring);
  // A key that cannot be told apart from others is not looked into.
  if (!isRing(ring, shape)) return shape;
  const findings = [
    ...checkMissing(ring, lists),
    ...checkStrength(ring),
    ...checkUpkeep(ring, now, lifetimes),
  ];
  const refusal = findings.some(({ severity }) => severity === 'error')
    ? undefined
    : whatCoreRefuses(ring);
  if (refusal === undefined) return findings;
  const advice = 'The application would not start with it.';
  return [...findings, finding('refused_by_core', 'the ring', `core says: ${refusal}`, advice)];
}

function checkMissing(
  { keys, refreshKeys }: KeyRing,
  lists: readonly (keyof KeyRing)[],
): Finding[] {
  const findings: Finding[] = [];
  if (keys === undefined && lists.includes('keys')) {
    const advice = 'Make them: tokenpair keygen --signing-only. Or say --refresh-only here.';
    findings.push(finding('keys_missing', 'keys', 'there are no keys for access tokens', advice));
  }
  const issues = keys?.some((key) => key.publicKey === undefined) === true;
  if (refreshKeys === undefined && issues && lists.includes('refreshKeys')) {
    const advice = 'Make them: tokenpair keygen --refresh-only. Or say --signing-only here.';
    findings.push(
      finding(
        'refresh_keys_missing',
        'refreshKeys',
        'there are no keys for refresh tokens',
        advice,
      ),
    );
  }
  return findings;
}
