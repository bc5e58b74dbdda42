// Tests examples/postgres-sessions as two servers with two clients of one Postgres.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestListener } from 'node:http';

import type { Revocations } from '@tokenpair/core';
import { PostgresRevocations, PostgresSessionStore } from '@tokenpair/postgres';
import { createTestClock } from '@tokenpair/testing';

import { story, type RequestStep } from '../../examples/demo/src/story.js';
import { createApp } from '../../examples/postgres-sessions/src/app.js';
import { startServer, type TestServer } from '../support/http.js';
import { clients, openPool, type OpenPostgres } from '../support/postgres-clients.js';
import {
  describePostgres,
  startPostgres,
  type PostgresServer,
} from '../support/postgres-server.js';
import { tellStory } from '../support/story-teller.js';
import { until } from '../support/until.js';

describePostgres('postgres-sessions, started twice', () => {
  const clock = createTestClock();
  /** Seconds. */
  const deadline = 15;
  let database: PostgresServer;
  let opened: readonly OpenPostgres[];
  let servers: readonly TestServer[];
  let revocations: readonly Revocations[];

  beforeAll(async () => {
    database = await startPostgres();
    // A busy machine takes longer than the second that a server has in production.
    const pool = openPool(database.url, 10, deadline * 1_000);
    opened = [
      { client: pool, close: () => pool.end() },
      clients['postgres.js']?.(database.url) as OpenPostgres,
    ];
    await new PostgresSessionStore({ client: pool, deadline }).migrate();
  }, 60_000);
  afterAll(async () => {
    await Promise.all(opened.map(({ close }) => close()));
    await database.close();
  });

  beforeEach(async () => {
    const keys = { accessKey: randomBytes(32), refreshKey: randomBytes(32) };
    revocations = opened.map(({ client }) => new PostgresRevocations({ client }));
    servers = await Promise.all(
      opened.map(({ client }, index) => {
        const app = createApp({
          ...keys,
          store: new PostgresSessionStore({ client, deadline }),
          revocations: revocations[index] as Revocations,
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
    for (const one of revocations) await one.close();
  });

  test('answers the story of express-login, with the requests sent to both servers in turn', async () => {
    let turn = 0;
    const next = () => servers[turn++ % 2]?.address as string;
    const told = await tellStory(next, story, async (seconds) => {
      clock.advance(seconds);
      // Sessions use the clock of Postgres, which cannot be set.
      if (seconds < 15) await sleep(seconds * 1_000);
    });
    const requests = story.filter((step): step is RequestStep => !('waits' in step));
    expect(told).toEqual(requests.map(({ says, expects }) => ({ says, ...expects })));
  });

  test('ends the session at both servers by a logout at one, and refuses its access token', async () => {
    const [first, second] = servers.map(({ address }) => address) as [string, string];
    const { refresh_token: one } = await post(`${first}/login`, {
      username: 'alan',
      password: 'turing',
    });
    const { refresh_token: two, access_token: token } = await post(`${second}/auth/refresh`, {
      refresh_token: one,
    });
    const me = async () => {
      const headers = { Authorization: `Bearer ${String(token)}` };
      return (await fetch(`${first}/me`, { headers })).status;
    };
    expect(await me()).toBe(200);
    await post(`${second}/auth/logout`, { refresh_token: two });
    expect(await post(`${first}/auth/refresh`, { refresh_token: two })).toMatchObject({
      code: 'refresh_token_invalid',
      action: 'login',
    });
    await until(async () => (await me()) === 401);
  });
});

async function post(url: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as Readonly<Record<string, unknown>>;
}
