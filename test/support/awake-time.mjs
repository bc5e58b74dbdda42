// The time in which a process ran: the pauses of a busy machine do not count, but waits for others do. It is no TypeScript, because
// test/revocation/service.mjs imports it too.

const tick = 10;

/** @returns a function that answers how many milliseconds the process has run. A gap between two ticks counts as two at most. */
export function startAwakeTime() {
  let awake = 0;
  let last = performance.now();
  const sinceLast = () => Math.min(performance.now() - last, 2 * tick);
  setInterval(() => {
    awake += sinceLast();
    last = performance.now();
  }, tick).unref();
  return () => awake + sinceLast();
}
