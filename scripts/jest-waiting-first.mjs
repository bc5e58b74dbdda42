// Starts first what waits more than it works: behind it, the other files use the processor. A fresh clone has no
// durations to go by, and these files are small. The failures of Redis so come before anything keeps the machine busy.
import Sequencer from '@jest/test-sequencer';

export default class WaitingFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- It is no array's.
    const sorted = super.sort(tests);
    return [...sorted.filter(waits), ...sorted.filter((test) => !waits(test))];
  }
}

function waits({ path }) {
  return /\/test\/(?:redis-failures\/|stores\/redis\.test\.ts$)/.test(path);
}
