// Tests many tabs of one client over real HTTP and Redis, in real time because the clock of Redis cannot be set. As many
// sessions run at the same time as one process can serve.

import { randomBytes } from 'node:crypto';

import type { TokenpairEvent } from '@tokenpair/core';

import { startServer } from '../support/http.js';
import { createTestIssuer } from '../support/issuer.js';
import { openNodeRedis } from '../support/redis-clients.js';
import { redisUrl } from '../support/stores.js';
import { openClient } from '../support/tabs/client.js';
import { createRandom } from '../support/tabs/random.js';
import { noneLost, sumUp, type EndedRound } from '../support/tabs/rounds.js';
import { createExpressService } from '../support/tabs/service.js';
import {
  isAccusation,
  isStillSignedIn,
  runStorm,
  signIn,
  type StormSettings,
} from '../support/tabs/storm.js';
import { realTime } from '../support/tabs/timeline.js';

const second = 1_000;
/** Seconds. A page never sends a login again, so hundreds of logins at once must not fail on a machine that is busy. */
const deadline = 10;

describe('on Redis', () => {
  it.each([3, 8, 20])(
    'a refresh storm of %i tabs signs no client out',
    async (tabs) => {
      const storm = { tabs, spread: 2 * second, jitter: 300 };
      const found = await runRounds(500, { reuseInterval: 30, tabsAtOnce: 1_000 }, storm);
      expect(found).toEqual(noneLost(500));
    },
    120_000,
  );

  it('a client stays signed in when its tabs refresh and use their tokens, over three settle times', async () => {
    const storm = { tabs: 8, spread: 18 * second, refreshes: 3, jitter: 300, usesTokens: true };
    const found = await runRounds(100, { reuseInterval: 3, tabsAtOnce: 400 }, storm);
    expect(found).toEqual(noneLost(100));
  }, 120_000);
});

interface Load {
  /** Seconds. Half of it is far longer than a refresh takes, also on a busy machine. */
  readonly reuseInterval: number;
  /** Limits the requests per second. */
  readonly tabsAtOnce: number;
}

async function runRounds(
  rounds: number,
  { reuseInterval, tabsAtOnce }: Load,
  settings: StormSettings,
) {
  const events: TokenpairEvent[] = [];
  const prefix = `test-${randomBytes(8).toString('hex')}:`;
  const redis = await openNodeRedis(redisUrl(), prefix, deadline);
  const { tokens, another } = createTestIssuer({
    store: redis.store,
    clock: Date.now,
    deadline,
    reuseInterval,
    onEvent: (event) => isAccusation(event) && events.push(event),
  });
  // A short reuse interval, so that the settle time passes soon after the storms.
  const hasty = another({ reuseInterval: 1 });
  // The server closes no connection while a client may use it again.
  const keepAliveTimeout = 120 * second;
  const server = await startServer(createExpressService(tokens, 'cookie'), { keepAliveTimeout });
  const later = await startServer(createExpressService(hasty, 'cookie'), { keepAliveTimeout });

  const ended: EndedRound[] = [];
  const seeds = Array.from({ length: rounds }, (_, index) => index + 1);
  const waiting = seeds.values();
  async function runOneByOne(): Promise<void> {
    for (const seed of waiting) {
      const client = openClient('cookie', server.port);
      const random = createRandom(seed);
      const round = { time: realTime, client, subject: `round-${seed}`, random, events };
      await signIn(round);
      const report = await runStorm(round, settings);
      client.port = later.port;
      ended.push({ seed, round, report, isAlive: false });
    }
  }

  try {
    const atOnce = Math.floor(tabsAtOnce / settings.tabs);
    await realTime.run(Array.from({ length: atOnce }, () => runOneByOne));
    await realTime.sleep(2.1 * second);
    const checked: EndedRound[] = [];
    for (const one of ended) checked.push({ ...one, isAlive: await isStillSignedIn(one.round) });
    return sumUp(checked);
  } finally {
    await Promise.all([server.close(), later.close()]);
    await redis.close();
  }
}
