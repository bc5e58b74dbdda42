// The store contract on a Redis server started for this file, through every client library.

import { ownerTagOf } from '@tokenpair/core/store';
import { RedisSessionStore } from '@tokenpair/redis';
import { describeSessionStore } from '@tokenpair/testing';

import { libraries, type OpenClient } from '../support/redis-libraries.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';

// A case runs again with longer lifetimes when the machine was too slow.
jest.setTimeout(60_000);

let redis: RedisProcess;
let cases = 0;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

describe.each(Object.entries(libraries))('%s', (library, open) => {
  let clients: [OpenClient, OpenClient];

  beforeAll(async () => {
    clients = await Promise.all([open(redis.url), open(redis.url)]);
  });

  afterAll(() => {
    for (const { close } of clients) close();
  });

  describeSessionStore(`Redis through ${library}`, () => {
    const [mine, another] = clients;
    const prefix = `case-${(cases += 1)}:`;
    const over = ({ client }: OpenClient) => new RedisSessionStore({ client, prefix, deadline: 1 });
    return {
      store: over(mine),
      another: () => over(another),
      garble: async (sessionId) => {
        const tag = ownerTagOf(sessionId);
        const key = `${prefix}{${tag}}${sessionId.slice(tag.length)}`;
        await mine.send('SET', key, 'gone fishing', 'KEEPTTL');
      },
      hang: () => {
        redis.signal('SIGSTOP');
        return () => redis.signal('SIGCONT');
      },
    };
  });
});
