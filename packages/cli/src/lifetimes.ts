// How long a key is needed after it stopped signing.

import type { ListName } from './key-ring.js';

/** In seconds, as the processes that use the keys are configured. */
export interface Lifetimes {
  /** Time until every process and every cache of the key set has a changed file. */
  readonly settle: number;
  readonly accessToken: number;
  /** Maximum age of a session. */
  readonly absolute: number;
}

export const defaultLifetimes: Lifetimes = { settle: 600, accessToken: 300, absolute: 90 * 86_400 };

/** The maximum of a verifier's `clockTolerance`. */
const maxClockTolerance = 300;

/**
 * When a retiring key can be removed, in milliseconds. A process may use it until `settle` after its retirement, and its
 * last token lives for one lifetime from then on.
 */
export function neededUntil(
  list: ListName,
  since: string,
  { settle, accessToken, absolute }: Lifetimes,
): number {
  const lifetime = list === 'keys' ? accessToken + maxClockTolerance : absolute;
  return new Date(since).getTime() + (settle + lifetime) * 1_000;
}

/** An instant as ISO 8601 text, to the second. */
export function isoTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
