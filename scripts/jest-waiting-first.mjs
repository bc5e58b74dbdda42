// Starts first what waits more than it works: behind it, the other files use the processor. A fresh clone has no
// durations to go by, and these files are small. The failures of Redis so come before anything keeps the machine busy.
import Sequencer from '@jest/test-sequencer';

const waiting = ['/test/stores/redis.test.ts', '/test/redis-failures/'];

export default class WaitingFirst extends Sequencer {
  sort(tests) {
    const waits = ({ path }) => waiting.some((part) => path.includes(part));
    const sorted = super.sort(tests);
    return [...sorted.filter(waits), ...sorted.filter((test) => !waits(test))];
  }
}
