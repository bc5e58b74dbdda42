// Tests two processes with one Redis, one with Express and one with Koa, that exchange the same refresh token of a former system.

import { randomBytes } from 'node:crypto';

import { openNodeRedis, type OpenStore } from '../support/redis-clients.js';
import { ownerOf } from '../support/issuer.js';
import { runInChild } from '../support/run-in-child.js';
import { redisUrl } from '../support/stores.js';

interface Told {
  readonly statuses: readonly number[];
  readonly refreshTokens: readonly string[];
  readonly asked: number;
}

const prefix = `test-${randomBytes(8).toString('hex')}:`;
const keys = {
  ACCESS_KEY: randomBytes(32).toString('base64'),
  REFRESH_KEY: randomBytes(32).toString('base64'),
};
const formerToken = randomBytes(24).toString('hex');

async function exchange(framework: string, token: string, round: string): Promise<Told> {
  const { stdout, stderr } = await runInChild(exchangeScript, {
    ...keys,
    FRAMEWORK: framework,
    SHARED_REDIS: redisUrl(),
    PREFIX: prefix,
    TOKEN: token,
    ROUND: round,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Told;
}

describe('a former token that 100 requests bring to two processes at the same time', () => {
  let opened: OpenStore;
  beforeAll(async () => {
    opened = await openNodeRedis(redisUrl(), prefix);
  });
  afterAll(() => opened.close());

  const sessions = () => opened.store.list(ownerOf('u_1', 'https://login.example'));

  test('gets one session and one refresh token, which both processes refresh', async () => {
    const told = await Promise.all(
      ['express', 'koa'].map((framework) => exchange(framework, formerToken, 'first')),
    );
    expect(new Set(told.flatMap(({ statuses }) => statuses))).toEqual(new Set([200]));
    const refreshTokens = told.flatMap((one) => one.refreshTokens);
    expect(refreshTokens).toHaveLength(100);
    const [refreshToken = '', ...others] = new Set(refreshTokens);
    expect(others).toEqual([]);
    expect(told.map(({ asked }) => asked)).toEqual([1, 1]);
    const created = await sessions();
    expect(created).toHaveLength(1);

    // Processes that start later give the same answer to a client that has lost it.
    const again = await Promise.all(
      ['express', 'koa'].map((framework) => exchange(framework, formerToken, 'second')),
    );
    expect(new Set(again.flatMap((one) => one.refreshTokens))).toEqual(new Set([refreshToken]));
    const next = await Promise.all(
      ['express', 'koa'].map((framework) => exchange(framework, refreshToken, 'third')),
    );
    expect(new Set(next.flatMap(({ statuses }) => statuses))).toEqual(new Set([200]));
    expect(new Set(next.flatMap((one) => one.refreshTokens)).size).toBe(1);
    expect(next.map(({ asked }) => asked)).toEqual([0, 0]);
    expect((await sessions()).map(({ sessionId }) => sessionId)).toEqual([created[0]?.sessionId]);
  }, 60_000);
});

const exchangeScript = `
  const { createServer } = require('node:http');
  const { RedisSessionStore } = requireRedisStore();
  const { FRAMEWORK, SHARED_REDIS, PREFIX, ACCESS_KEY, REFRESH_KEY, TOKEN, ROUND } = process.env;

  const create = {
    express: (tokens, options) => {
      const app = requireOfTests('express5')();
      app.use('/auth', requireOfTests('@tokenpair/express').tokenEndpoints(tokens, options));
      return app;
    },
    koa: (tokens, options) => {
      const app = new (requireOfTests('koa3'))();
      app.use(requireOfTests('@tokenpair/koa').tokenEndpoints(tokens, { ...options, mount: '/auth' }));
      return app.callback();
    },
  };

  (async () => {
    const client = requireOfTests('redis6').createClient({ url: SHARED_REDIS });
    await client.connect();
    const tokens = core.createTokenIssuer({
      issuer: 'https://login.example',
      audience: 'https://login.example',
      keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.from(ACCESS_KEY, 'base64') }],
      refreshKeys: [{ kid: '1', secret: Buffer.from(REFRESH_KEY, 'base64') }],
      store: new RedisSessionStore({ client, prefix: PREFIX, deadline: 10 }),
      // Answers come at different times, so that some requests look before the session exists.
      claims: () => new Promise((resolve) => setTimeout(resolve, Math.random() * 50, {})),
      deadline: 10,
    });
    let asked = 0;
    const exchange = async () => {
      asked += 1;
      return { subject: 'u_1' };
    };
    const legacy = { exchange, until: Date.now() + 3_600_000 };
    const server = createServer(create[FRAMEWORK](tokens, { legacy }));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = 'http://127.0.0.1:' + server.address().port + '/auth/refresh';
    const refresh = () =>
      fetch(url, { method: 'POST', body: new URLSearchParams({ refresh_token: TOKEN }) });
    // Both processes begin when both are ready.
    const ready = PREFIX + 'ready-' + ROUND;
    await client.incr(ready);
    while (Number(await client.get(ready)) < 2) await new Promise(setImmediate);
    const answers = await Promise.all(Array.from({ length: 50 }, refresh));
    const pairs = await Promise.all(answers.map((answer) => answer.json()));
    console.log(JSON.stringify({
      statuses: answers.map(({ status }) => status),
      refreshTokens: pairs.map((pair) => pair.refresh_token),
      asked,
    }));
    client.destroy();
    server.close();
    server.closeAllConnections();
  })();
`;
