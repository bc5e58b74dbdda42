// Tests what the reports of used access tokens cost, over real HTTP and Redis.

import { setTimeout as sleep } from 'node:timers/promises';

import type { TokenIssuer } from '@tokenpair/core';
import { RedisSessionStore } from '@tokenpair/redis';

import { startServer, type TestServer } from '../support/http.js';
import { createTestIssuer } from '../support/issuer.js';
import { withMovedClock } from '../support/redis-clock.js';
import { openIoredis, openNodeRedis, type OpenStore } from '../support/redis-clients.js';
import { hasRedisServer, startRedis, type RedisProcess } from '../support/redis-server.js';
import { openClient, type Answer, type Client } from '../support/tabs/client.js';
import { createExpressService } from '../support/tabs/service.js';
import { until } from '../support/until.js';

/** Seconds. The settle time is twice as long, and longer than the test. */
const reuseInterval = 60;
const settled = 2_000 * reuseInterval + 1_000;
/** Milliseconds: much longer than a batch of reports waits. */
const reported = 700;

(hasRedisServer() ? describe : describe.skip)('two processes on one Redis', () => {
  let redis: RedisProcess;
  let opened: readonly OpenStore[];
  let servers: readonly TestServer[];
  let issuers: readonly TokenIssuer[];
  let client: Client;
  /** Milliseconds that all clocks are ahead. */
  let ahead: number;

  beforeEach(async () => {
    ahead = 0;
    redis = await startRedis();
    opened = await Promise.all([openNodeRedis(redis.url, undefined, 10), openIoredis(redis.url)]);
    const { another } = createTestIssuer({ clock: () => Date.now() + ahead, reuseInterval });
    issuers = opened.map(({ send }) => {
      const moved = withMovedClock(send, () => ahead);
      return another({ store: new RedisSessionStore({ client: moved, deadline: 10 }) });
    });
    servers = await Promise.all(
      issuers.map((tokens) => startServer(createExpressService(tokens, 'cookie'))),
    );
    client = openClient('cookie', (servers[0] as TestServer).port);
  });
  afterEach(async () => {
    for (const server of servers) await server.close();
    for (const one of opened) await one.close();
    await redis.stop();
  });

  it('report each generation once each, however often its access tokens are used', async () => {
    const answers: Answer[] = [receive(await client.login('u_1'))];
    await resetCounts();
    await use(answers[0]);
    await until(async () => (await countCommands()) >= 2);
    for (let rotation = 0; rotation < 2; rotation += 1) {
      if (rotation > 0) ahead += settled;
      const answer = receive(await client.refresh(client.kept));
      const again = receive(await client.refresh(client.kept));
      answers.push(answer, again);
      await resetCounts();
      for (const one of [...answers, ...answers]) await use(one);
      await until(async () => (await countCommands()) >= 2);
      await sleep(reported);
      expect(await countCommands()).toBe(2);
      expect(await confirmed()).toBe(rotation + 2);
      await resetCounts();
      await use(again);
      await sleep(reported);
      expect(await countCommands()).toBe(0);
    }
  }, 30_000);

  it('serve guarded requests while Redis does not answer', async () => {
    const answer = receive(await client.login('u_1'));
    redis.signal('SIGSTOP');
    try {
      for (let times = 0; times < 20; times += 1) await use(answer);
      await sleep(reported);
      await use(answer);
    } finally {
      redis.signal('SIGCONT');
    }
    expect(await confirmed()).toBeLessThanOrEqual(1);
  });

  function receive(answer: Answer): Answer {
    expect(answer.status).toBe(200);
    client.receive(client.kept, answer);
    return answer;
  }

  /** The guarded route of both processes sees the access token. */
  async function use(answer: Answer | undefined): Promise<void> {
    for (const { port } of servers) {
      const there = openClient('cookie', port);
      expect((await there.me(answer?.accessToken)).status).toBe(200);
    }
  }

  async function resetCounts(): Promise<void> {
    await opened[0]?.send('CONFIG', 'RESETSTAT');
  }

  /** The scripts that Redis has run since the counts were reset. Each of them is one command of a store. */
  async function countCommands(): Promise<number> {
    const [{ send }] = opened as readonly [OpenStore];
    const text = String(await send('INFO', 'commandstats'));
    const counts = [...text.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)];
    return counts.reduce((sum, [, calls]) => sum + Number(calls), 0);
  }

  async function confirmed(): Promise<number> {
    const [{ store, send }] = opened as readonly [OpenStore];
    const [index = ''] = (await send('KEYS', 'tp:{????????????????}')) as string[];
    const [name = ''] = (await send('HKEYS', index)) as string[];
    const session = await store.get(index.slice(4, -1) + name);
    return session?.confirmed ?? -1;
  }
});
