// The clocks of a service, moved before any package is imported: its wall clock, its monotonic clock, and the clock of Redis as its
// scripts see it.

import { withMovedTime } from '../support/moved-time.mjs';

const { clock = 0 } = JSON.parse(process.env.SERVICE);
/** Milliseconds. `passed`: what all clocks have been moved ahead, as if the time had passed. */
const moved = { passed: 0, redis: 0 };

const wall = Date.now.bind(Date);
const steady = performance.now.bind(performance);
Date.now = () => wall() + clock + moved.passed;
performance.now = () => steady() + moved.passed;

/** Moves all clocks ahead. */
export function letPass(milliseconds) {
  moved.passed += milliseconds;
}

/** Sets the clock of Redis so far ahead of its true time, or behind it. */
export function setRedis(milliseconds) {
  moved.redis = milliseconds;
}

/** A command whose script sees the clock of Redis as the test has set it. */
export function atMovedClock(command) {
  const ahead = moved.redis + moved.passed;
  return ahead === 0 ? command : withMovedTime(command, ahead);
}
