// The only file that reads the time.

import { TemporarilyUnavailableError } from '../errors/errors.js';

/** A source of now: milliseconds since the epoch, as `Date.now` gives. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/**
 * Reads a clock.
 *
 * @throws {@link TemporarilyUnavailableError} (503) it throws or answers anything but a positive finite number. No lifetime
 * can be checked with such a clock, so it fails closed.
 */
export function readClock(clock: Clock): number {
  let cause: unknown;
  try {
    const now = clock();
    if (typeof now === 'number' && Number.isFinite(now) && now > 0) return now;
    cause = new TypeError('clock must return milliseconds since the epoch, as Date.now does');
  } catch (error) {
    cause = error;
  }
  throw new TemporarilyUnavailableError({ cause });
}

/** Reads a clock, or the system's clock while that one fails: for what must not fail because of it. */
export function nowOrSystem(clock: Clock): number {
  try {
    return readClock(clock);
  } catch {
    return systemClock();
  }
}

/**
 * The same clock for measuring spans. A step back counts as no time at all, so a span ends even when the clock is set back.
 */
export function monotonic(clock: Clock): Clock {
  let last = 0;
  let behind = 0;
  return function readForward() {
    const now = readClock(clock);
    if (now < last) behind += last - now;
    last = now;
    return now + behind;
  };
}
