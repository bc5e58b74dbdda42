// How long a key that no longer signs is still asked for.

import type { KeyRing } from './key-ring.js';

/** In seconds, as the processes that use the keys are configured. */
export interface Lifetimes {
  /** How long until every process has loaded a changed file, and whoever keeps the key set has asked again. */
  readonly settle: number;
  readonly accessToken: number;
  /** Of a session, however often it is refreshed. */
  readonly absolute: number;
}

/** As core has them, and `settle` as long as its key set may be kept. */
export const defaultLifetimes: Lifetimes = {
  settle: 600,
  accessToken: 300,
  absolute: 90 * 86_400,
};

/** The most that a verifier's `clockTolerance` can be. */
const greatestTolerance = 300;

/**
 * When the last token under a retiring key is over, in milliseconds: the last process has used it until `settle` after
 * its retirement, and that token is good for one lifetime more.
 */
export function neededUntil(
  list: keyof KeyRing,
  { since }: { readonly since: string },
  { settle, accessToken, absolute }: Lifetimes,
): number {
  const lifetime = list === 'keys' ? accessToken + greatestTolerance : absolute;
  return Date.parse(since) + (settle + lifetime) * 1_000;
}

/** From when on a key in state next is everywhere, so that it may be used, in milliseconds. */
export function knownFrom(
  { since }: { readonly since: string },
  { settle }: Pick<Lifetimes, 'settle'>,
): number {
  return Date.parse(since) + settle * 1_000;
}
