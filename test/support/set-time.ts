// Sets the time of timers and clocks, while sockets work as they do. Not of the server, whose clock is an option.

/** Fakes timers and clocks until the test ends. */
export function setTimeByHand(): void {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask'],
  });
}

/** Lets seconds pass, and timers come. */
export async function elapse(seconds: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(seconds * 1_000);
}

/** Lets sockets and promises do what they can do without time. It decides nothing: only what must not happen is looked for after it. */
export async function rest(rounds = 20): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise(setImmediate);
}

/** Lets time pass in small steps until the promise has settled. */
export async function elapseUntil<T>(promise: Promise<T>, step = 0.1): Promise<T> {
  const waits = new Set([promise]);
  const settled = promise.finally(() => waits.clear());
  settled.catch(() => {});
  for (let round = 0; waits.size > 0 && round < 1_000; round += 1) {
    await elapse(step);
    await rest();
  }
  if (waits.size > 0) throw new Error('the promise has not settled');
  return settled;
}
