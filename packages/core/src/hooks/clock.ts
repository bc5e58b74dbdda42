// Reads the clock of the options, which decides about lifetimes.

import { TemporarilyUnavailableError } from '../errors/errors.js';
import type { Emit } from './events.js';

/** A source of the current time: milliseconds since the epoch, like `Date.now`. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();

/** Reads a clock. Fails with 503 if it throws or answers no time in milliseconds: then no lifetime can be checked. */
export function readClock(clock: Clock): number {
  try {
    return requireTime(clock());
  } catch (cause) {
    throw new TemporarilyUnavailableError({ cause });
  }
}

function requireTime(now: unknown): number {
  if (typeof now !== 'number' || !Number.isFinite(now) || now <= 0) {
    throw new TypeError('clock must return milliseconds since the epoch, as Date.now does');
  }
  // Seconds from 2001 to 2286. Read as milliseconds they are in 1970, and no token would ever expire.
  if (now >= 1e9 && now < 1e10) {
    throw new TypeError(
      'clock must return milliseconds since the epoch, as Date.now does; it returned seconds',
    );
  }
  return now;
}

/** A clock of the application whose failures are emitted, like those of its other functions. */
export function heardClock(clock: Clock, emit: Emit): Clock {
  if (clock === systemClock) return clock;
  return function readHeard() {
    try {
      return requireTime(clock());
    } catch (cause) {
      emit({ type: 'hook.failed', hook: 'clock', cause });
      throw cause;
    }
  };
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
