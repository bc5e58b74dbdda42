// The clocks of a service, moved before any package is imported: its wall clock, its monotonic clock, and the clock of Redis as its
// scripts see it.

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

/** The arguments of a command whose script sees the moved clock of Redis. */
export function withMovedTime([name, script, ...rest]) {
  const seconds = Math.round((moved.redis + moved.passed) / 1_000);
  if (seconds === 0 || !name.startsWith('EVAL')) return [name, script, ...rest];
  // Its text names the time, so Redis cannot have it yet.
  if (name === 'EVALSHA') throw Object.assign(new Error('NOSCRIPT'), { code: 'NOSCRIPT' });
  const time = `(function()
    local time = redis.call('TIME')
    return { string.format('%.0f', time[1] + ${seconds}), time[2] }
  end)()`;
  return [name, script.replace(`redis.call('TIME')`, time), ...rest];
}
