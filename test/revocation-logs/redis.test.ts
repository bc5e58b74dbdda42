// The contract of a revocation log on a Redis server started for this file, through every client library.

import { RedisRevocations, type RedisClient } from '@tokenpair/redis';
import { describeRevocationLog } from '@tokenpair/testing';
import { createClient } from 'redis6';

import { withMovedClock } from '../support/redis-clock.js';
import { libraries, type OpenClient } from '../support/redis-libraries.js';
import { loseLast, openRedisLog } from '../support/redis-log.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { until } from '../support/until.js';

// A case runs again with longer times when the machine was too slow.
jest.setTimeout(60_000);

const issuer = 'https://issuer.test';
const entry = (changes = {}) => ({ issuer, text: 'S', floor: 0, keep: 60_000, ...changes });

const id = (position: number) => `${Math.floor(position / 1_000)}-${position % 1_000}`;

let redis: RedisProcess;
let cases = 0;

beforeAll(async () => {
  redis = await startRedis();
});

afterAll(() => redis.stop());

/** What the suite may do to a log, whatever its client is. */
function toTroubles({ send }: OpenClient, prefix: string) {
  return {
    lose: loseLast(send, prefix),
    flush: async () => {
      await send('FLUSHALL');
    },
    demote: async () => {
      // A primary that does not exist: what it has is served, and it takes no writes.
      await send('REPLICAOF', '127.0.0.1', '1');
      return () =>
        // READONLY has made the client connect again, which takes a moment.
        until(() =>
          send('REPLICAOF', 'NO', 'ONE')
            // A pool has several connections.
            .then(() => Promise.all(Array.from({ length: 20 }, () => send('PING'))))
            .then(
              () => true,
              () => false,
            ),
        );
    },
    hang: () => {
      redis.signal('SIGSTOP');
      return () => redis.signal('SIGCONT');
    },
  };
}

describe.each(Object.entries(libraries))('%s', (library, open) => {
  let clients: [OpenClient, OpenClient];

  beforeAll(async () => {
    clients = await Promise.all([open(redis.url), open(redis.url)]);
  });

  afterAll(() => {
    for (const { close } of clients) close();
  });

  describeRevocationLog(
    `Redis through ${library}`,
    () => {
      const [mine, another] = clients;
      const prefix = `case-${(cases += 1)}:`;
      return {
        log: openRedisLog(mine.client, prefix),
        another: () => openRedisLog(another.client, prefix),
        ...toTroubles(mine, prefix),
      };
    },
    { notShown: { advance: 'the clock of Redis cannot be set: it is moved below' } },
  );
});

describe('a Redis whose clock is moved', () => {
  let open: OpenClient;

  beforeAll(async () => {
    open = await libraries['node-redis 6']!(redis.url);
  });

  afterAll(() => open.close());

  describeRevocationLog('Redis', () => {
    const prefix = `case-${(cases += 1)}:`;
    let moved = 0;
    const client = withMovedClock(open.send, () => moved);
    return {
      log: openRedisLog(client, prefix),
      another: () => openRedisLog(client, prefix),
      advance: (milliseconds) => {
        moved += milliseconds;
      },
      ...toTroubles(open, prefix),
    };
  });
});

describe('the keys of a revocation log', () => {
  let open: OpenClient;
  const prefix = 'keys:';

  beforeAll(async () => {
    open = await libraries['ioredis 6']!(redis.url);
  });

  beforeEach(() => open.send('FLUSHALL'));

  afterAll(() => open.close());

  it('are a stream and a hash that a person can read, without expiry', async () => {
    const log = openRedisLog(open.client, prefix);
    const first = await log.append(entry({ text: 'o 1', everything: 'here' }));
    const second = await log.append(entry({ text: 's 2' }));
    const keys = ((await open.send('KEYS', '*')) as string[]).toSorted();
    expect(keys).toEqual(['keys:{revocations}:KjiX__GU:feed', 'keys:{revocations}:KjiX__GU:log']);
    const [feed = '', stream = ''] = keys;
    expect(await open.send('XRANGE', stream, '-', '+')).toEqual([
      [id(first), ['p', '0', 's', 'o 1']],
      [id(second), ['p', String(first), 's', 's 2']],
    ]);
    expect(await open.send('HMGET', feed, 'head', 'from', 'keep', 'everything')).toEqual(
      [second, first, 60_000, first].map(String),
    );
    for (const key of keys) expect(await open.send('PTTL', key)).toBe(-1);
  });

  it.each(['log', 'feed'])('begin again when the %s was evicted', async (name) => {
    const log = openRedisLog(open.client, prefix);
    const cursor = await log.append(entry());
    await open.send('DEL', `keys:{revocations}:KjiX__GU:${name}`);
    expect((await log.read(issuer, cursor, 10)).head).toBe(0);
    const next = await log.append(entry());
    expect(await log.read(issuer, cursor, 10)).toMatchObject({
      head: next,
      from: next,
      entries: [{ position: next, previous: 0, text: 'S' }],
    });
    expect(next).toBeGreaterThan(cursor);
  });

  it('reject with 503 when they hold something else', async () => {
    const log = openRedisLog(open.client, prefix);
    await log.append(entry());
    await open.send('HSET', 'keys:{revocations}:KjiX__GU:feed', 'head', 'many');
    const unavailable = { code: 'temporarily_unavailable', status: 503 };
    await expect(log.append(entry())).rejects.toMatchObject(unavailable);
    await expect(log.read(issuer, 0, 10)).rejects.toMatchObject(unavailable);
    await open.send('SET', 'keys:{revocations}:KjiX__GU:log', 'x');
    await expect(log.append(entry())).rejects.toMatchObject(unavailable);
  });

  it('drop entries after `keep`', async () => {
    let moved = 0;
    const log = openRedisLog(
      withMovedClock(open.send, () => moved),
      prefix,
    );
    for (let round = 0; round < 20; round += 1) {
      moved += 20_000;
      for (let count = 0; count < 50; count += 1) await log.append(entry());
    }
    const length = Number(await open.send('XLEN', 'keys:{revocations}:KjiX__GU:log'));
    // Of 1 000 entries, those of the last minute, and what the large steps of Redis leave.
    expect(length).toBeGreaterThanOrEqual(150);
    expect(length).toBeLessThanOrEqual(400);
  });
});

describe('a Redis user with the rights of a verifier', () => {
  it('reads, and appends nothing', async () => {
    const owner = await libraries['node-redis 6']!(redis.url);
    const log = openRedisLog(owner.client, 'acl:');
    const position = await log.append(entry());
    const rights = '~acl:{revocations}:* +eval +evalsha +hmget +exists +xrange +@connection'.split(
      ' ',
    );
    await owner.send('ACL', 'SETUSER', 'verifier', 'on', '>secret', ...rights);
    const client = createClient({ url: redis.url, username: 'verifier', password: 'secret' });
    await client.connect();
    const mine = openRedisLog(client, 'acl:');
    await owner.send('SCRIPT', 'FLUSH');
    for (let count = 0; count < 2; count += 1) {
      expect((await mine.read(issuer, 0, 10)).entries).toHaveLength(1);
    }
    await expect(mine.append(entry())).rejects.toMatchObject({ status: 503 });
    await expect(openRedisLog(client, 'other:').read(issuer, 0, 10)).rejects.toMatchObject({
      status: 503,
    });
    expect((await log.read(issuer, 0, 10)).head).toBe(position);
    client.destroy();
    owner.close();
  });
});

describe('a full Redis', () => {
  it('refuses an entry, and is still read', async () => {
    const full = await startRedis();
    const { client, send, close } = await libraries['ioredis 6']!(full.url);
    try {
      const log = openRedisLog(client, 'full:');
      const position = await log.append(entry());
      await send('CONFIG', 'SET', 'maxmemory', '1');
      await expect(log.append(entry())).rejects.toMatchObject({
        status: 503,
        cause: { code: 'OOM' },
      });
      expect((await log.read(issuer, 0, 10)).head).toBe(position);
      await send('CONFIG', 'SET', 'maxmemory', '0');
      expect(await log.append(entry())).toBeGreaterThan(position);
    } finally {
      close();
      await full.stop();
    }
  });
});

describe('a wrong option of RedisRevocations', () => {
  const client: RedisClient = { sendCommand: () => Promise.resolve() };

  it.each([
    ['a client in place of options', client, /takes options; got a client/],
    ['a missing client', {}, /takes options with a client that you connect/],
    ['a prefix with braces', { client, prefix: '{a}' }, /^prefix/],
    ['a deadline above that of a log', { client, deadline: 4 }, /^deadline/],
    ['an unknown option', { client, max_age: 4 }, /max_age/],
    ['a short maxAge', { client, maxAge: 1 }, /^maxAge/],
    ['a client that adds a prefix', { client: { ...client, keyPrefix: 'a' } }, /keyPrefix/],
  ])('is refused at construction: %s', (_what, options, message) => {
    const construct = () => new RedisRevocations(options as { client: RedisClient });
    expect(construct).toThrow(TypeError);
    expect(construct).toThrow(message);
  });
});
