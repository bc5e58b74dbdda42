// Many tabs of one client over real HTTP and Redis, in real time, for the clock of Redis cannot be set. All sessions run
// side by side, so the whole takes little longer than one of them.

import { randomBytes } from 'node:crypto';

import type { TokenpairEvent } from '@tokenpair/core';

import { startServer } from '../support/http.js';
import { createTestIssuer } from '../support/issuer.js';
import { openNodeRedis } from '../support/redis-clients.js';
import { redisUrl } from '../support/stores.js';
import { openClient } from '../support/tabs/client.js';
import { createRandom } from '../support/tabs/random.js';
import { noneLost, sumUp } from '../support/tabs/rounds.js';
import { createExpressService } from '../support/tabs/service.js';
import {
  isAccusation,
  runStorm,
  type StormReport,
  type StormSettings,
} from '../support/tabs/storm.js';
import { realTime } from '../support/tabs/timeline.js';

const second = 1_000;

describe('on Redis', () => {
  // Half of the interval is far longer than a refresh takes, also on a machine that is busy.
  it.concurrent.each([3, 8, 20])(
    'a refresh storm of %i tabs signs no client out',
    async (tabs) => {
      const storm = { tabs, spread: 2 * second, jitter: 300, settled: 10.5 * second };
      expect(await runRounds(500, 24 * second, 5, storm)).toEqual(noneLost(500));
    },
    120_000,
  );

  it.concurrent('no client is signed out whose tabs refresh three times each, over three settle times', async () => {
    const settings = { tabs: 8, spread: 18 * second, refreshes: 3, jitter: 300, settled: 6_500 };
    expect(await runRounds(100, 10 * second, 3, settings)).toEqual(noneLost(100));
  }, 120_000);
});

/**
 * @param window - milliseconds over which the rounds start, so that one process can serve them all.
 * @param reuseInterval - seconds.
 */
async function runRounds(
  rounds: number,
  window: number,
  reuseInterval: number,
  settings: StormSettings,
) {
  const events: TokenpairEvent[] = [];
  const redis = await openNodeRedis(redisUrl(), `test-${randomBytes(8).toString('hex')}:`);
  const { tokens } = createTestIssuer({
    store: redis.store,
    clock: Date.now,
    reuseInterval,
    onEvent: (event) => isAccusation(event) && events.push(event),
  });
  const server = await startServer(createExpressService(tokens, 'cookie'));
  const reports = new Map<number, StormReport>();
  try {
    await realTime.run(
      Array.from({ length: rounds }, (_, index) => async () => {
        const seed = index + 1;
        await realTime.sleep((window * index) / rounds);
        const client = openClient('cookie', server.port);
        const random = createRandom(seed);
        const world = { time: realTime, client, subject: `round-${seed}`, random, events };
        reports.set(seed, await runStorm(world, settings));
      }),
    );
  } finally {
    await server.close();
    await redis.close();
  }
  return sumUp(reports);
}
