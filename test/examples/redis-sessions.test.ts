// Tests examples/redis-sessions as two servers with two Redis clients and one set of sessions.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestListener } from 'node:http';

import { createTestClock } from '@tokenpair/testing';

import { story, type RequestStep } from '../../examples/demo/src/story.js';
import { createApp } from '../../examples/redis-sessions/src/app.js';
import { startServer, type TestServer } from '../support/http.js';
import { openIoredis, openNodeRedis, type OpenStore } from '../support/redis-clients.js';
import { redisUrl } from '../support/stores.js';
import { tellStory } from '../support/story-teller.js';

describe('redis-sessions, started twice', () => {
  const clock = createTestClock();
  let opened: readonly OpenStore[];
  let servers: readonly TestServer[];

  beforeEach(async () => {
    const prefix = `test-${randomBytes(8).toString('hex')}:`;
    const keys = { accessKey: randomBytes(32), refreshKey: randomBytes(32) };
    opened = [await openNodeRedis(redisUrl(), prefix), await openIoredis(redisUrl(), prefix)];
    servers = await Promise.all(
      opened.map(({ store }) => {
        const app = createApp({
          ...keys,
          store,
          accessTokenLifetime: '15s',
          reuseInterval: '1s',
          clock: clock.now,
        });
        return startServer(app as RequestListener);
      }),
    );
  });
  afterEach(async () => {
    for (const server of servers) await server.close();
    for (const { close } of opened) await close();
  });

  test('answers the story of express-login, with the requests sent to both servers in turn', async () => {
    let turn = 0;
    const next = () => servers[turn++ % 2]?.address as string;
    const told = await tellStory(next, story, async (seconds) => {
      clock.advance(seconds);
      // Sessions use the clock of Redis, which cannot be set.
      if (seconds < 15) await sleep(seconds * 1_000);
    });
    const requests = story.filter((step): step is RequestStep => !('waits' in step));
    expect(told).toEqual(requests.map(({ says, expects }) => ({ says, ...expects })));
  });

  test('ends the session at both servers by a logout at one', async () => {
    const [first, second] = servers.map(({ address }) => address) as [string, string];
    const { refresh_token: one } = await post(`${first}/login`, {
      username: 'alan',
      password: 'turing',
    });
    const { refresh_token: two } = await post(`${second}/auth/refresh`, { refresh_token: one });
    await post(`${second}/auth/logout`, { refresh_token: two });
    expect(await post(`${first}/auth/refresh`, { refresh_token: two })).toMatchObject({
      code: 'refresh_token_invalid',
      action: 'login',
    });
  });
});

async function post(url: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
}
