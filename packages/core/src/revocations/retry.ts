// How long to wait before a log is asked again that has failed.

import type { Millis } from '../lib/duration.js';

const maxPause = 1_000;

/** Doubles with every failure in a row, up to a second; shortened at random, so that processes do not ask at the same time. */
export function pauseAfter(failures: number): Millis {
  return Math.min(maxPause, 100 * 2 ** failures) * (0.5 + Math.random() / 2);
}
