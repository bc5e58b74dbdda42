// Reads the clock of the options, which decides about lifetimes.

import { TemporarilyUnavailableError } from '../errors/errors.js';

/** A source of the current time: milliseconds since the epoch, like `Date.now`. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** Reads a clock. Fails with 503 if it throws or answers no positive finite number: then no lifetime can be checked. */
export function readClock(clock: Clock): number {
  try {
    const now = clock();
    if (Number.isFinite(now) && now > 0) return now;
    throw new TypeError('clock must return milliseconds since the epoch, as Date.now does');
  } catch (cause) {
    throw new TemporarilyUnavailableError({ cause });
  }
}

/** Reads a clock, or the system's clock if that clock fails: for calls that must not fail because of the clock. */
export function nowOrSystem(clock: Clock): number {
  try {
    return readClock(clock);
  } catch {
    return systemClock();
  }
}

/** Wraps a clock to measure durations. A step back counts as zero time, so a duration ends also when the clock is set back. */
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
