// Starts first what takes longest, or one process would be left with it in the end while the others have nothing to do. A
// fresh clone has no durations to go by, and Jest then goes by the size of the files: those of the contracts are small.
import Sequencer from '@jest/test-sequencer';

// The failures of Redis come early too: they mostly wait, for a machine that is not all too busy.
const longest = [
  'redis/many-tabs',
  'journeys/many-tabs',
  'stores/redis',
  'redis-failures/one-server',
  'redis-failures/cluster',
  'core/verify/verify-access-token.property',
  'redis-failures/sentinel',
  'redis-failures/lost-writes',
  'cli/program',
  'adapters/koa',
  'adapters/express',
  'core/issue/rotation-model',
  'examples/your-own-store',
  'journeys/browser-story',
  'journeys/key-rotation',
  'adapters/koa-router',
  'examples/login',
  'bench/bench',
  'stores/redis-on-the-wire',
].map((name) => `/test/${name}.test.ts`);

export default class LongestFirst extends Sequencer {
  sort(tests) {
    // oxlint-disable-next-line unicorn/no-array-sort -- It is no array's.
    const sorted = super.sort(tests);
    const ofOrder = longest.flatMap((name) => sorted.filter(({ path }) => path.endsWith(name)));
    return [...ofOrder, ...sorted.filter((test) => !ofOrder.includes(test))];
  }
}
