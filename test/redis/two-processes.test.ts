// Tests two processes with one Redis, each with another client library, that get the same refresh token at the same time.

import { randomBytes } from 'node:crypto';

import { createTokenIssuer, issueTokenPair, type TokenPair } from '@tokenpair/core';

import { openNodeRedis, type OpenStore } from '../support/redis-clients.js';
import { ownerOf } from '../support/issuer.js';
import { runInChild } from '../support/run-in-child.js';
import { redisUrl } from '../support/stores.js';

interface Told {
  readonly refreshTokens: readonly string[];
  readonly events: readonly string[];
}

const prefix = `test-${randomBytes(8).toString('hex')}:`;
const keys = {
  access: randomBytes(32).toString('base64'),
  refresh: randomBytes(32).toString('base64'),
};

describe('200 parallel refreshes of one token in two processes, one with node-redis and one with ioredis', () => {
  let opened: OpenStore;
  let pair: TokenPair;

  beforeAll(async () => {
    opened = await openNodeRedis(redisUrl(), prefix);
    const tokens = createTokenIssuer({
      issuer: 'https://login.example',
      audience: 'https://login.example',
      keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.from(keys.access, 'base64') }],
      refreshKeys: [{ kid: '1', secret: Buffer.from(keys.refresh, 'base64') }],
      store: opened.store,
    });
    pair = await issueTokenPair(tokens, { subject: 'u_1' });
  });
  afterAll(() => opened.close());

  test('rotate once, and all 200 answers have the same refresh token', async () => {
    const told = await Promise.all([refreshInChild('nodeRedis'), refreshInChild('ioredis')]);
    const refreshTokens = told.flatMap((one) => one.refreshTokens);
    expect(refreshTokens).toHaveLength(200);
    expect(new Set(refreshTokens).size).toBe(1);
    const events = told.flatMap((one) => one.events);
    expect(events.filter((event) => event === 'rotated')).toHaveLength(1);
    expect(events.filter((event) => event === 'replayed')).toHaveLength(199);
    expect(events).toHaveLength(200);
    expect(
      (await opened.store.list(ownerOf('u_1', 'https://login.example'))).map(
        ({ generation }) => generation,
      ),
    ).toEqual([2]);
  }, 30_000);

  async function refreshInChild(library: string): Promise<Told> {
    const { stdout, stderr } = await runInChild(refreshScript, {
      LIBRARY: library,
      SHARED_REDIS: redisUrl(),
      PREFIX: prefix,
      ACCESS_KEY: keys.access,
      REFRESH_KEY: keys.refresh,
      REFRESH_TOKEN: pair.refreshToken,
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Told;
  }
});

const refreshScript = `
  const { RedisSessionStore } = requireRedisStore();
  const { LIBRARY, SHARED_REDIS, PREFIX, ACCESS_KEY, REFRESH_KEY, REFRESH_TOKEN } = process.env;

  const open = {
    async nodeRedis() {
      const client = requireOfTests('redis6').createClient({ url: SHARED_REDIS });
      await client.connect();
      return { client, send: (...command) => client.sendCommand(command), close: () => client.destroy() };
    },
    async ioredis() {
      const client = new (requireOfTests('ioredis6').Redis)(SHARED_REDIS);
      return { client, send: (...command) => client.call(...command), close: () => client.disconnect() };
    },
  };

  (async () => {
    const { client, send, close } = await open[LIBRARY]();
    const events = [];
    const tokens = core.createTokenIssuer({
      issuer: 'https://login.example',
      audience: 'https://login.example',
      keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.from(ACCESS_KEY, 'base64') }],
      refreshKeys: [{ kid: '1', secret: Buffer.from(REFRESH_KEY, 'base64') }],
      store: new RedisSessionStore({ client, prefix: PREFIX, deadline: 10 }),
      deadline: 10,
      onEvent: ({ type, how }) =>
        events.push(type === 'session.refreshed' ? how : type),
    });
    // Both processes begin when both are ready.
    await send('INCR', PREFIX + 'ready');
    while (Number(await send('GET', PREFIX + 'ready')) < 2) await new Promise(setImmediate);
    const pairs = await Promise.all(
      Array.from({ length: 100 }, () => core.refreshTokenPair(tokens, REFRESH_TOKEN)),
    );
    console.log(JSON.stringify({ refreshTokens: pairs.map((pair) => pair.refreshToken), events }));
    close();
  })();
`;
