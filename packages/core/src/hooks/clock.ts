// Leaf of every journey: the only place where time is read.

import { TemporarilyUnavailableError } from '../errors/errors.js';

/** A source of now: milliseconds since the epoch, as `Date.now` gives. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/**
 * Reads a clock.
 *
 * @throws {@link TemporarilyUnavailableError} when it throws or answers anything but a positive finite number: with a
 * clock like that no lifetime can be judged, so nothing is let through.
 */
export function readClock(clock: Clock): number {
  let cause: unknown;
  try {
    const now = clock();
    if (typeof now === 'number' && Number.isFinite(now) && now > 0) return now;
    cause = new TypeError('clock must answer milliseconds since the epoch, as Date.now does');
  } catch (error) {
    cause = error;
  }
  throw new TemporarilyUnavailableError({ cause });
}

/** What the clock says, or the system's while it says nothing sane: for what must not fail because of it. */
export function nowOrSystem(clock: Clock): number {
  try {
    return readClock(clock);
  } catch {
    return systemClock();
  }
}

/**
 * The same clock for measuring how long ago something was: a step back counts as no time at all, so what is waited for
 * comes, however the clock is set.
 */
export function neverBack(clock: Clock): Clock {
  let last = 0;
  let behind = 0;
  return function readForward() {
    const now = readClock(clock);
    if (now < last) behind += last - now;
    last = now;
    return now + behind;
  };
}
