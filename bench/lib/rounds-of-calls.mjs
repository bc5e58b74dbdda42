// Rounds of a function that answers at once or by a promise; only a promise is waited for.

import { oneByOne } from './one-by-one.mjs';
import { createStopwatch } from './stopwatch.mjs';

const handful = 500;

export function createRounds(call, inputAt) {
  let served = 0;
  return async (operations) => {
    const stopwatch = createStopwatch();
    for (let left = operations; left > 0; left -= handful) {
      const inputs = Array.from({ length: Math.min(left, handful) }, () => inputAt(served++));
      stopwatch.start();
      await oneByOne(inputs.length, (at, done) => {
        const result = call(inputs[at]);
        whenDone(result, done);
      });
      stopwatch.stop();
    }
    return stopwatch.read();
  };
}

function whenDone(result, done) {
  if (typeof result?.then !== 'function') return done();
  // oxlint-disable-next-line promise/no-callback-in-promise -- the runner's own, which starts the next call
  return result.then(() => done(), done);
}
