// Runs operations one after the other and adds no promise and no tick between two of them. An operation calls `done` when it
// is done, at once or later.

/**
 * @param {number} count
 * @param {(at: number, done: (error?: unknown) => void) => void} operate
 * @returns {Promise<void>} resolves when the last one is done and its promises have settled.
 */
export function oneByOne(count, operate) {
  return new Promise((resolve, reject) => {
    let started = 0;
    let finished = 0;
    let running = false;
    function done(error) {
      if (error) return reject(error);
      finished += 1;
      if (!running) run();
    }
    function run() {
      running = true;
      while (started === finished && started < count) operate(started++, done);
      running = false;
      if (finished === count) setImmediate(resolve);
    }
    run();
  });
}
