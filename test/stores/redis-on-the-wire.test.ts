// What only a store on Redis has: commands, keys, expiry of keys, and a server that is full, silent or has lost its scripts.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  createTokenIssuer,
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  revokeSession,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import {
  StoreUnavailableError,
  subjectTag,
  subjectTagOf,
  type SessionLimit,
  type SessionStore,
} from '@tokenpair/core/store';
import { RedisSessionStore } from '@tokenpair/redis';

import {
  newSession,
  nextOf,
  expectOf,
  rotateOnce,
} from '../../packages/testing/src/suite/sessions.js';
import { ownerOf } from '../support/issuer.js';
import { codeOf } from '../support/outcome.js';
import { libraries, type OpenClient } from '../support/redis-libraries.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';

const limit: SessionLimit = { max: 100, onLimit: 'reject' };
const session = (changes = {}) => newSession({ subject: 'u_1', ...changes });
const minute = 60_000;

let redis: RedisProcess;
let outsider: OpenClient;

beforeAll(async () => {
  redis = await startRedis();
  outsider = await open('node-redis 6');
});

afterAll(async () => {
  outsider.close();
  await redis.stop();
});

beforeEach(async () => {
  await outsider.send('FLUSHALL');
});

function open(library: string): Promise<OpenClient> {
  return (libraries[library] as (url: string) => Promise<OpenClient>)(redis.url);
}

const indexOf = (subject: string) => `tp:{${subjectTag(subject)}}`;
const recordOf = (sessionId: string) => {
  const tag = subjectTagOf(sessionId);
  return `tp:{${tag}}${sessionId.slice(tag.length)}`;
};

const number = async (...command: string[]) => Number(await outsider.send(...command));
const keys = async () => ((await outsider.send('KEYS', '*')) as string[]).toSorted();

/** How often each command was called during `act`, including those inside scripts. */
async function countCommands(act: () => Promise<unknown>): Promise<Record<string, number>> {
  await outsider.send('CONFIG', 'RESETSTAT');
  await act();
  const text = String(await outsider.send('INFO', 'commandstats'));
  const counts = [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(
    ([, name = '', calls]) => [name, Number(calls)] as const,
  );
  return Object.fromEntries(counts.filter(([name]) => !name.startsWith('config')));
}

function createIssuer(store: SessionStore, changes: Partial<TokenIssuerOptions> = {}) {
  return createTokenIssuer({
    issuer: 'https://issuer.test',
    audience: 'https://api.test',
    keys: [{ kid: 'test', algorithm: 'HS256', secret: randomBytes(32) }],
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store,
    ...changes,
  });
}

const unavailable = { code: 'temporarily_unavailable', status: 503 };

describe.each(['node-redis 6', 'ioredis 6'])('a Redis store through %s', (library) => {
  let client: OpenClient;
  let store: RedisSessionStore;

  beforeAll(async () => {
    client = await open(library);
    store = new RedisSessionStore({ client: client.client });
  });

  afterAll(() => client.close());

  async function create(changes = {}): Promise<string> {
    const wanted = session(changes);
    await store.create(wanted, limit);
    return wanted.sessionId;
  }

  describe('on the wire', () => {
    beforeEach(() => create({ subject: 'warm' }));

    it('sends one command each to create, rotate, read and end a session', async () => {
      const wanted = session();
      const { sessionId } = wanted;
      await rotateOnce(store, await create(), 1);
      await store.revoke(await create());
      await store.get(sessionId);
      const steps = {
        create: () => store.create(wanted, limit),
        rotate: () => rotateOnce(store, sessionId, 1),
        get: () => store.get(sessionId),
        revoke: () => store.revoke(sessionId),
      };
      for (const [name, step] of Object.entries(steps)) {
        const { evalsha, eval: evals, unlink } = await countCommands(step);
        expect({ name, evalsha, evals, unlink }).toEqual({ name, evalsha: 1 });
      }
    });

    it('sends no command for a forged refresh token', async () => {
      const tokens = createIssuer(store);
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      const forged = [
        ...Array.from({ length: 20 }, (_, index) => {
          const at = 10 + index;
          const other = refreshToken[at] === 'A' ? 'B' : 'A';
          return refreshToken.slice(0, at) + other + refreshToken.slice(at + 1);
        }),
        `tpr_${randomBytes(66).toString('base64url')}`,
        (await issueTokenPair(createIssuer(store), { subject: 'u_1' })).refreshToken,
      ];
      const counts = await countCommands(async () => {
        for (const token of forged) {
          expect(await codeOf(refreshTokenPair(tokens, token))).toBe('refresh_token_invalid');
        }
      });
      expect(counts).toEqual({});
    });

    it('sends exactly one command for a refresh without a claims hook', async () => {
      const tokens = createIssuer(store);
      let { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      ({ refreshToken } = await refreshTokenPair(tokens, refreshToken));
      const counts = await countCommands(() => refreshTokenPair(tokens, refreshToken));
      expect(counts).toMatchObject({ evalsha: 1 });
      expect(Object.keys(counts)).not.toContain('eval');
    });

    it('sends the text of a script when Redis has lost it, and then its hash again', async () => {
      const sessionId = await create();
      for (let generation = 1; generation <= 3; generation += 1) {
        await client.send('SCRIPT', 'FLUSH');
        const first = await countCommands(async () => {
          expect((await rotateOnce(store, sessionId, generation * 2 - 1)).outcome).toBe('swapped');
        });
        expect(first).toMatchObject({ eval: 1 });
        const second = await countCommands(async () => {
          expect((await rotateOnce(store, sessionId, generation * 2)).outcome).toBe('swapped');
        });
        expect(second).toMatchObject({ evalsha: 1 });
        expect(Object.keys(second)).not.toContain('eval');
      }
      await client.send('SCRIPT', 'FLUSH');
      const pairs = await Promise.all(
        Array.from({ length: 50 }, () => rotateOnce(store, sessionId, 7)),
      );
      expect(pairs.filter(({ outcome }) => outcome === 'swapped')).toHaveLength(1);
    });

    it('does not retry after any other error', async () => {
      const sessionId = await create();
      await client.send('SET', indexOf('u_1'), 'no hash');
      const counts = await countCommands(async () => {
        await expect(rotateOnce(store, sessionId, 1)).rejects.toMatchObject(unavailable);
      });
      expect(counts).toMatchObject({ evalsha: 1 });
      expect(Object.keys(counts)).not.toContain('eval');
    });
  });

  describe('the data in Redis', () => {
    it('is one record whose size does not change with rotations', async () => {
      const sessionId = await create();
      for (let generation = 1; generation <= 9; generation += 1)
        await rotateOnce(store, sessionId, generation);
      const key = recordOf(sessionId);
      const measure = async () => [
        await number('STRLEN', key),
        await number('MEMORY', 'USAGE', key),
      ];
      await store.rotate(sessionId, expectOf(10), nextOf(10, expectOf(1_500)));
      await rotateOnce(store, sessionId, 1_500);
      const before = await measure();
      for (let generation = 1_501; generation < 2_501; generation += 1) {
        await rotateOnce(store, sessionId, generation);
      }
      expect(await measure()).toEqual(before);
      expect(await keys()).toEqual([indexOf('u_1'), key].toSorted());
      expect(await number('HLEN', indexOf('u_1'))).toBe(1);
    });

    it('contains no refresh token and nothing that a refresh would accept', async () => {
      const tokens = createIssuer(store);
      const { refreshToken } = await issueTokenPair(tokens, { subject: 'u_1' });
      const secret = Buffer.from(refreshToken.slice(4), 'base64url').subarray(34, 50);
      for (const key of await keys()) {
        const text = String(
          await (key === indexOf(ownerOf('u_1'))
            ? outsider.send('HGETALL', key)
            : outsider.send('GET', key)),
        );
        for (const part of [refreshToken, secret.toString('base64url'), secret.toString('hex')]) {
          expect(text).not.toContain(part);
        }
      }
    });

    it('expires with the session: the record at its next expiry, the index at its last', async () => {
      const day = 86_400_000;
      const ttl = async (key: string) => Math.ceil((await number('PTTL', key)) / minute) * minute;
      const short = await create({ idleLifetime: 60 * minute, absoluteLifetime: 10 * day });
      expect([await ttl(recordOf(short)), await ttl(indexOf('u_1'))]).toEqual([
        60 * minute,
        10 * day,
      ]);
      const long = await create({ idleLifetime: 30 * day, absoluteLifetime: 20 * day });
      expect([await ttl(recordOf(long)), await ttl(indexOf('u_1'))]).toEqual([20 * day, 20 * day]);
      await rotateOnce(store, short, 1);
      expect([await ttl(recordOf(short)), await ttl(indexOf('u_1'))]).toEqual([
        60 * minute,
        20 * day,
      ]);
    });

    it('has an expiry on every key after any operation', async () => {
      const ids: string[] = [];
      for (let count = 0; count < 12; count += 1)
        ids.push(await create({ subject: `u_${count % 3}` }));
      for (const sessionId of ids) await rotateOnce(store, sessionId, 1);
      await store.revoke(ids[0] ?? '');
      await store.revokeSubject('u_1', ids[4]);
      await store.create(session({ subject: 'u_2' }), { max: 2, onLimit: 'evict-oldest' });
      await store.list('u_2');
      const left = await keys();
      expect(left.length).toBeGreaterThan(3);
      for (const key of left) {
        expect({ key, ttl: (await number('PTTL', key)) > 0 }).toEqual({ key, ttl: true });
      }
    });

    it('is removed once the last session of a subject ends', async () => {
      await store.revoke(await create());
      expect(await keys()).toEqual([]);
      await create();
      await create();
      await store.revokeSubject('u_1');
      // The records are deleted after the answer.
      await client.send('PING');
      expect(await keys()).toEqual([]);
    });

    it('loses expired index entries when sessions are listed or created', async () => {
      const index = indexOf('u_1');
      const leftOver = () => client.send('HSET', index, 'A'.repeat(22), '1000:2000');
      await create();
      await leftOver();
      expect(await store.list('u_1')).toHaveLength(1);
      expect(await number('HLEN', index)).toBe(1);
      await leftOver();
      const result = await store.create(session(), { max: 2, onLimit: 'reject' });
      expect(result.outcome).toBe('created');
      expect(await number('HLEN', index)).toBe(2);
    });
  });

  it('rotates when the age is greater than required, and not when it is equal', async () => {
    const sessionId = await create();
    const created = await store.get(sessionId);
    let { generation = 0, rotatedAt = 0, asOf = 0 } = created ?? {};
    let equalAges = 0;
    // Commands follow each other so fast that most of them run in the same millisecond as the one before.
    for (let count = 0; count < 1_000 && equalAges < 10; count += 1) {
      const olderThan = asOf - rotatedAt;
      const expected = { ...expectOf(generation), olderThan };
      const result = await store.rotate(sessionId, expected, nextOf(generation));
      if (result.outcome === 'absent') throw new Error('the session is gone');
      const age = result.session.asOf - rotatedAt;
      expect(result.outcome).toBe(age > olderThan ? 'swapped' : 'conflict');
      if (age === olderThan) equalAges += 1;
      ({ generation, rotatedAt, asOf } = result.session);
    }
    expect(equalAges).toBe(10);
  });

  describe('a record that Redis wrote while its clock was ahead', () => {
    // A few seconds more than a minute, because the test takes some time.
    it.each([
      ['by less than the required age is a conflict', minute - 5_000, 'conflict'],
      ['by more than the required age is old enough', minute + 15_000, 'swapped'],
    ])('%s', async (_what, ahead, outcome) => {
      const sessionId = await create();
      const text = String(await client.send('GET', recordOf(sessionId)));
      const moved = text.replace(/\d{13}(?=;)/, (instant) => String(Number(instant) + ahead));
      await client.send('SET', recordOf(sessionId), moved, 'KEEPTTL');
      const aged = { ...expectOf(1), olderThan: minute };
      await expect(store.rotate(sessionId, aged, nextOf(1))).resolves.toMatchObject({ outcome });
    });
  });

  describe('garbled data in Redis', () => {
    const garbage = [
      '',
      'x',
      '1|2|3',
      '|||||||||||||',
      '{"generation":1}',
      '\u0000',
      '1|é|1',
      ';',
      '1|x|1||a|||7;1|2|3||3|u_1',
    ];

    it.each(garbage)('causes 503 in place of a record: %j', async (text) => {
      const sessionId = await create();
      await client.send('SET', recordOf(sessionId), text);
      await expect(store.get(sessionId)).rejects.toMatchObject(unavailable);
      await expect(rotateOnce(store, sessionId, 1)).rejects.toMatchObject(unavailable);
      await expect(store.list('u_1')).rejects.toMatchObject(unavailable);
      expect(await client.send('GET', recordOf(sessionId))).toBe(text);
    });

    it.each(['', 'x', ':', '1:', '1:2:3', '-1:5', 'é:1', '1 :2'])(
      'causes 503 when the index is read, until a rotation repairs the entry: %j',
      async (text) => {
        const sessionId = await create();
        const name = sessionId.slice(16);
        await client.send('HSET', indexOf('u_1'), name, text);
        await expect(store.create(session(), limit)).rejects.toMatchObject(unavailable);
        await expect(store.list('u_1')).rejects.toMatchObject(unavailable);
        // The session is in the index, and its record is valid.
        await expect(store.get(sessionId)).resolves.toMatchObject({ sessionId, generation: 1 });
        await expect(rotateOnce(store, sessionId, 1)).resolves.toMatchObject({
          outcome: 'swapped',
        });
        await expect(store.list('u_1')).resolves.toMatchObject([{ sessionId, generation: 2 }]);
      },
    );

    it('causes 503 when the key has another type', async () => {
      const sessionId = await create();
      await client.send('DEL', recordOf(sessionId));
      await client.send('RPUSH', recordOf(sessionId), 'x');
      await expect(store.get(sessionId)).rejects.toBeInstanceOf(StoreUnavailableError);
      await expect(rotateOnce(store, sessionId, 1)).rejects.toMatchObject(unavailable);
      await client.send('SET', indexOf('u_1'), 'x');
      for (const call of [
        () => store.create(session(), limit),
        () => store.revoke(sessionId),
        () => store.revokeSubject('u_1'),
        () => store.list('u_1'),
      ]) {
        await expect(call()).rejects.toMatchObject(unavailable);
      }
    });
  });

  it('fails within its deadline while the server is silent, and works once the server answers again', async () => {
    const tokens = createIssuer(store);
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    redis.signal('SIGSTOP');
    try {
      const start = performance.now();
      const codes = await Promise.all([
        codeOf(refreshTokenPair(tokens, refreshToken)),
        codeOf(issueTokenPair(tokens, { subject: 'u_2' })),
        codeOf(revokeSession(tokens, { sessionId: 'A'.repeat(38) })),
        codeOf(listSessions(tokens, 'u_1')),
      ]);
      const took = performance.now() - start;
      expect(new Set(codes)).toEqual(new Set(['temporarily_unavailable']));
      expect(took).toBeGreaterThan(900);
      expect(took).toBeLessThan(2_000);
    } finally {
      redis.signal('SIGCONT');
    }
    await refreshTokenPair(tokens, refreshToken);
    expect(await store.get(sessionId)).toMatchObject({ generation: 2 });
  });

  it('refuses a login when Redis is full, and ends no session: refreshes fail until there is room', async () => {
    const tokens = createIssuer(store);
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const created = await create({ subject: 'u_3' });
    await client.send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await client.send('CONFIG', 'SET', 'maxmemory', '1');
    try {
      expect(await store.create(session(), limit)).toEqual({ outcome: 'refused', reason: 'full' });
      expect(await codeOf(issueTokenPair(tokens, { subject: 'u_2' }))).toBe('store_full');
      await expect(rotateOnce(store, created, 1)).rejects.toMatchObject(unavailable);
      await expect(refreshTokenPair(tokens, refreshToken)).rejects.toMatchObject(unavailable);
      expect(await store.get(sessionId)).toMatchObject({ generation: 1 });
      expect(await store.list(ownerOf('u_1'))).toHaveLength(1);
      expect(await store.list(ownerOf('u_2'))).toEqual([]);
    } finally {
      await client.send('CONFIG', 'SET', 'maxmemory', '0');
    }
    await refreshTokenPair(tokens, refreshToken);
  });

  it('can end sessions while Redis is full', async () => {
    const sessionId = await create();
    await create({ subject: 'u_2' });
    await client.send('CONFIG', 'SET', 'maxmemory', '1');
    try {
      expect(await store.revoke(sessionId)).toBe(true);
      expect(await store.revokeSubject('u_2')).toHaveLength(1);
    } finally {
      await client.send('CONFIG', 'SET', 'maxmemory', '0');
    }
  });
});

describe('both client libraries on one Redis', () => {
  const names = ['node-redis 5', 'node-redis 6', 'ioredis 5', 'ioredis 6'];
  let clients: readonly OpenClient[];

  beforeAll(async () => {
    clients = await Promise.all(names.map(open));
  });

  afterAll(() => {
    for (const { close } of clients) close();
  });

  function createIssuers(changes: Partial<TokenIssuerOptions> = {}) {
    const shared: Partial<TokenIssuerOptions> = {
      keys: [{ kid: 'test', algorithm: 'HS256', secret: randomBytes(32) }],
      refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
      ...changes,
    };
    const issuers = clients.map(({ client }) =>
      createIssuer(new RedisSessionStore({ client }), shared),
    );
    return (index: number) => issuers[index % issuers.length] as (typeof issuers)[number];
  }

  it('create one generation for 200 parallel refreshes of one token, with 200 identical answers', async () => {
    const issuer = createIssuers({ reuseInterval: 1 });
    let { refreshToken } = await issueTokenPair(issuer(0), { subject: 'u_1' });
    for (let round = 2; round <= 4; round += 1) {
      const presented = refreshToken;
      // A later generation must be older than the settle time by the clock of Redis.
      if (round > 2) await sleep(2_050);
      const pairs = await Promise.all(
        Array.from({ length: 200 }, (_, index) => refreshTokenPair(issuer(index), presented)),
      );
      expect(new Set(pairs.map((pair) => pair.refreshToken)).size).toBe(1);
      refreshToken = pairs[0]?.refreshToken ?? '';
      const [only, ...others] = await listSessions(issuer(1), 'u_1');
      expect(others).toEqual([]);
      const text = String(await outsider.send('GET', recordOf(only?.sessionId ?? '')));
      expect(text.startsWith(`${round}|`)).toBe(true);
    }
  });

  it('let exactly five of 60 parallel logins refresh when the limit is five sessions', async () => {
    const issuer = createIssuers({ maxSessions: 5 });
    const pairs = await Promise.all(
      Array.from({ length: 60 }, (_, index) => issueTokenPair(issuer(index), { subject: 'u_1' })),
    );
    const codes = await Promise.all(
      pairs.map(({ refreshToken }, index) =>
        codeOf(refreshTokenPair(issuer(index + 1), refreshToken)),
      ),
    );
    expect(codes.filter((code) => code === 'ok')).toHaveLength(5);
    expect(codes.filter((code) => code === 'refresh_token_invalid')).toHaveLength(55);
    expect(await listSessions(issuer(2), 'u_1')).toHaveLength(5);
  });
});
