// What only a store on Redis has: commands, keys, expiry of keys, and a server that is full, silent or has lost its scripts.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  confirmGeneration,
  createTokenIssuer,
  issueTokenPair,
  listSessions,
  refreshTokenPair,
  revokeSession,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import {
  ownerTag,
  ownerTagOf,
  StoreUnavailableError,
  type SessionLimit,
  type SessionStore,
} from '@tokenpair/core/store';
import { RedisSessionStore } from '@tokenpair/redis';

import {
  digest,
  expectOf,
  newSession,
  rotateOnce,
  successorOf,
} from '../../packages/testing/src/suite/sessions.js';
import { startAwakeTime } from '../support/awake-time.mjs';
import { ownerOf } from '../support/issuer.js';
import { codeOf } from '../support/outcome.js';
import { libraries, type OpenClient } from '../support/redis-libraries.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';

const limit: SessionLimit = { max: 100, onLimit: 'reject' };
const session = (changes = {}) => newSession({ owner: 'u_1', ...changes });
const minute = 60_000;
const day = 86_400_000;

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

const indexOf = (owner: string) => `tp:{${ownerTag(owner)}}`;
const recordOf = (sessionId: string) => {
  const tag = ownerTagOf(sessionId);
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

  /** A store whose commands pass through `over`, which may lose an answer, or let something else happen before it. */
  function storeOver(over: (command: string[], send: () => Promise<unknown>) => unknown) {
    const sendCommand = (command: string[]) =>
      Promise.resolve(over(command, () => client.send(...command)));
    return new RedisSessionStore({ client: { sendCommand } });
  }

  /** So that Redis knows all scripts. */
  async function useEveryScript() {
    const sessionId = await create();
    await rotateOnce(store, sessionId, 1);
    await store.confirm(sessionId, 1);
    await store.get(sessionId);
    await store.revoke(sessionId);
    await create();
    await store.revokeOwner('u_1');
  }

  describe('on the wire', () => {
    beforeEach(() => create({ owner: 'warm' }));

    it('sends one command for each step, and Redis runs as few inside it as it needs', async () => {
      const wanted = session();
      const { sessionId, data } = wanted;
      await useEveryScript();
      const expiresAt = Date.now() + 999 * day;
      const steps: readonly (readonly [string, () => Promise<unknown>, string])[] = [
        ['create', () => store.create(wanted, limit), 'get hgetall hset pexpire pttl set time'],
        ['get', () => store.get(sessionId), 'get hexists time'],
        ['rotate', () => rotateOnce(store, sessionId, 1), 'get hset set time'],
        ['conflict', () => rotateOnce(store, sessionId, 1), 'get hexists time'],
        ['confirm', () => store.confirm(sessionId, 2), 'get set time'],
        ['confirm again', () => store.confirm(sessionId, 1), 'get time'],
        ['confirm too far ahead', () => store.confirm(sessionId, 4), 'get time'],
        ['update', () => store.swap(sessionId, { data }, { data: 'x' }), 'get hset set time'],
        [
          'move the end',
          () => store.swap(sessionId, { data: 'x' }, { expiresAt }),
          'get hset pexpire pttl set time',
        ],
        ['revoke', () => store.revoke(sessionId), 'del hdel hget time'],
        ['revoke all of none', () => store.revokeOwner('u_1'), 'hkeys'],
      ];
      for (const [name, step, inside] of steps) {
        const counts = await countCommands(step);
        expect([name, Object.keys(counts).toSorted().join(' ')]).toEqual([
          name,
          `evalsha ${inside}`.split(' ').toSorted().join(' '),
        ]);
        expect([name, Math.max(...Object.values(counts))]).toEqual([name, 1]);
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
        `tpr_${randomBytes(84).toString('base64url')}`,
        (await issueTokenPair(createIssuer(store), { subject: 'u_1' })).refreshToken,
      ];
      const counts = await countCommands(async () => {
        for (const token of forged) {
          expect(await codeOf(refreshTokenPair(tokens, token))).toBe('refresh_token_invalid');
        }
      });
      expect(counts).toEqual({});
    });

    describe.each([
      ['one command', 'without a claims hook', 1, {}],
      ['two commands', 'with a claims hook', 2, { claims: () => ({ role: 'member' }) }],
    ])('sends %s for a refresh %s', (_count, _hook, evalsha, changes) => {
      it.each(['rotates', 'holds', 'replays'])('that %s', async (how) => {
        await useEveryScript();
        const happened: string[] = [];
        const tokens = createIssuer(store, {
          ...changes,
          onEvent: (event) => event.type === 'session.refreshed' && happened.push(event.how),
        });
        const first = await issueTokenPair(tokens, { subject: 'u_1' });
        const second =
          how === 'rotates' ? first : await refreshTokenPair(tokens, first.refreshToken);
        const { refreshToken } = how === 'holds' ? second : first;
        const counts = await countCommands(() => refreshTokenPair(tokens, refreshToken));
        expect(happened.at(-1)).toBe(
          { rotates: 'rotated', holds: 'held', replays: 'replayed' }[how],
        );
        expect(counts).toMatchObject({ evalsha });
        expect(Object.keys(counts)).not.toContain('eval');
      });
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
      await store.swap(sessionId, expectOf(10), { token: successorOf(1_499) });
      await rotateOnce(store, sessionId, 1_500);
      const before = await measure();
      for (let generation = 1_501; generation < 2_501; generation += 1) {
        await rotateOnce(store, sessionId, generation);
      }
      expect(await measure()).toEqual(before);
      expect(await keys()).toEqual([indexOf('u_1'), key].toSorted());
      expect(await number('HLEN', indexOf('u_1'))).toBe(1);
    });

    it('is a text that a person can read, in the form that record-text.ts describes', async () => {
      const sessionId = await create({ owner: 'q8Zx01_-.Zoë|;', state: '2 !', data: 'a|;b' });
      await store.confirm(sessionId, 1);
      const { rotatedAt = 0, expiresAt, createdAt } = (await store.get(sessionId)) ?? {};
      expect(await outsider.send('GET', recordOf(sessionId))).toBe(
        `1|${digest('secret 1')}|2%20!|${rotatedAt};` +
          `1|${30 * day}|${expiresAt}|${createdAt}||q8Zx01_-.Zo%C3%AB%7C%3B|a|;b`,
      );
      expect(await outsider.send('HGET', indexOf('q8Zx01_-.Zoë|;'), sessionId.slice(16))).toBe(
        `${rotatedAt}:${30 * day}`,
      );
    });

    it('keeps the later members that a newer version of the package has written', async () => {
      const sessionId = await create({ data: 'one' });
      const text = String(await outsider.send('GET', recordOf(sessionId)));
      const newer = text.replace('||', '|k=7,m=x|');
      await outsider.send('SET', recordOf(sessionId), newer, 'KEEPTTL');
      await rotateOnce(store, sessionId, 1);
      await store.confirm(sessionId, 1);
      const change = { data: 'two|', idleLifetime: day };
      const result = await store.swap(sessionId, { data: 'one' }, change);
      expect(result).toMatchObject({ outcome: 'swapped', session: change });
      expect(await outsider.send('GET', recordOf(sessionId))).toContain('|k=7,m=x|u_1|two|');
    });

    it('takes at most 600 bytes for each of five sessions that were refreshed and used, with an index', async () => {
      const tokens = createIssuer(store);
      const subject = '6f1c9a52-3d0b-4e8e-9b57-000000012345';
      const device = { device: 'iPhone 17', app: '4.12.0', ip: '203.0.113.42' };
      const metadata = { ...device, x: '.'.repeat(32) };
      expect(JSON.stringify(metadata)).toHaveLength(96);
      for (let count = 0; count < 5; count += 1) {
        const grant = { subject, scope: 'orders:read', metadata };
        const { refreshToken } = await issueTokenPair(tokens, grant);
        const { accessToken } = await refreshTokenPair(tokens, refreshToken);
        await confirmGeneration(tokens, accessToken);
      }
      const sizes = await Promise.all(
        (await keys()).map((key) => number('MEMORY', 'USAGE', key, 'SAMPLES', '0')),
      );
      expect(sizes).toHaveLength(6);
      expect(sizes.reduce((sum, size) => sum + size, 0) / 5).toBeLessThanOrEqual(600);
    });

    it('contains no refresh token and nothing that a refresh would accept', async () => {
      const tokens = createIssuer(store);
      const first = await issueTokenPair(tokens, { subject: 'u_1' });
      const { refreshToken } = await refreshTokenPair(tokens, first.refreshToken);
      const bytes = Buffer.from(refreshToken.slice(4), 'base64url');
      const secrets = [bytes.subarray(36, 52), bytes.subarray(52, 68)];
      for (const key of await keys()) {
        const text = String(
          await (key === indexOf(ownerOf('u_1'))
            ? outsider.send('HGETALL', key)
            : outsider.send('GET', key)),
        );
        const parts = secrets.flatMap((secret) => [
          secret.toString('base64url'),
          secret.toString('hex'),
        ]);
        for (const part of [refreshToken, ...parts]) expect(text).not.toContain(part);
      }
    });

    it('expires with the session: the record at its next expiry, the index at its last', async () => {
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

    it('expires later when an update lengthens the session, and as before after a report', async () => {
      const ttls = (sessionId: string) =>
        Promise.all(
          [recordOf(sessionId), indexOf('u_1')].map(
            async (key) => Math.ceil((await number('PTTL', key)) / minute) * minute,
          ),
        );
      const sessionId = await create({ idleLifetime: 2 * day, absoluteLifetime: day });
      expect(await ttls(sessionId)).toEqual([day, day]);
      await store.confirm(sessionId, 1);
      expect(await ttls(sessionId)).toEqual([day, day]);
      const expiresAt = (createdAt: number) => ({ expiresAt: createdAt + 5 * day });
      const { createdAt = 0 } = (await store.get(sessionId)) ?? {};
      await store.swap(sessionId, expectOf(1), expiresAt(createdAt));
      expect(await ttls(sessionId)).toEqual([2 * day, 5 * day]);
      await store.swap(sessionId, expectOf(1), { idleLifetime: 9 * day });
      expect(await ttls(sessionId)).toEqual([5 * day, 5 * day]);
      await store.swap(sessionId, expectOf(1), { expiresAt: createdAt + 60 * minute });
      expect(await ttls(sessionId)).toEqual([60 * minute, 5 * day]);
      await store.confirm(sessionId, 2);
      expect(await ttls(sessionId)).toEqual([60 * minute, 5 * day]);
    });

    it('has an expiry on every key after any operation', async () => {
      const ids: string[] = [];
      for (let count = 0; count < 12; count += 1)
        ids.push(await create({ owner: `u_${count % 3}` }));
      for (const sessionId of ids) await rotateOnce(store, sessionId, 1);
      for (const sessionId of ids) await store.confirm(sessionId, 1);
      for (const sessionId of ids) await store.swap(sessionId, { confirmed: 1 }, { data: 'new' });
      await store.revoke(ids[0] ?? '');
      await store.revokeOwner('u_1', ids[4]);
      const replaces = ids[2] ?? '';
      await store.create(session({ owner: 'u_2' }), { max: 2, onLimit: 'evict-oldest', replaces });
      await store.list('u_2');
      const left = await keys();
      expect(left.length).toBeGreaterThan(3);
      for (const key of left) {
        expect({ key, ttl: (await number('PTTL', key)) > 0 }).toEqual({ key, ttl: true });
      }
    });

    it('is removed once the last session of an owner ends', async () => {
      await store.revoke(await create());
      expect(await keys()).toEqual([]);
      await create();
      await create();
      await store.revokeOwner('u_1');
      expect(await keys()).toEqual([]);
    });

    it('has no record of a user whose sessions were ended, though no further command arrives', async () => {
      for (let count = 0; count < 3; count += 1) await create();
      const kept = await create({ owner: 'u_2' });
      const broken = storeOver(([name], send) =>
        name === 'UNLINK' ? Promise.reject(new Error('lost')) : send(),
      );
      expect(await broken.revokeOwner('u_1')).toHaveLength(3);
      expect(await keys()).toEqual([indexOf('u_2'), recordOf(kept)].toSorted());
    });

    it('has no record of a user whose sessions were ended, though the answer was lost', async () => {
      await create();
      const kept = await create();
      let answers = 0;
      const broken = storeOver(async (_command, send) => {
        const answer = await send();
        if ((answers += 1) > 1) throw new Error('lost');
        return answer;
      });
      await store.revokeOwner('u_3'); // so that Redis knows the first script
      await create({ owner: 'u_3' });
      await store.revokeOwner('u_3'); // and the second
      await expect(broken.revokeOwner('u_1', kept)).rejects.toMatchObject(unavailable);
      expect(await keys()).toEqual([indexOf('u_1'), recordOf(kept)].toSorted());
    });

    it('has no record of a session that began while those of its user were being ended', async () => {
      const first = await create();
      let second = '';
      const raced = storeOver(async (_command, send) => {
        const answer = await send();
        if (second === '') second = await create();
        return answer;
      });
      await store.revokeOwner('u_3'); // so that Redis knows the first script
      const ended = await raced.revokeOwner('u_1');
      expect(new Set(ended)).toEqual(new Set([first, second]));
      // That record is deleted after the answer.
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

    it('loses the record of a session that a login has replaced', async () => {
      const replaces = await create();
      const wanted = session();
      await store.create(wanted, { max: 1, onLimit: 'reject', replaces });
      expect(await keys()).toEqual([indexOf('u_1'), recordOf(wanted.sessionId)].toSorted());
      expect(await number('HLEN', indexOf('u_1'))).toBe(1);
    });
  });

  it('rotates when the age is greater than required, and not when it is equal', async () => {
    const sessionId = await create();
    const created = await store.get(sessionId);
    let { generation = 0, rotatedAt = 0, asOf = 0 } = created ?? {};
    let equalAges = 0;
    // Commands follow each other so fast that most of them run in the same millisecond as the one before.
    for (let count = 0; count < 10_000 && equalAges < 10; count += 1) {
      const olderThan = asOf - rotatedAt;
      const expected = { ...expectOf(generation), olderThan };
      const result = await store.swap(sessionId, expected, { token: successorOf(generation) });
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
      const result = await store.swap(sessionId, aged, { token: successorOf(1) });
      expect(result.outcome).toBe(outcome);
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
      '1|x|1|1795435200000;0|99999999999999|99999999999999|',
      '1|x|1|7;0|99999999999999|99999999999999|1795435200000||u_1|',
      '1|x|1|1795435200000;0|99999999999999|99999999999999|1795435200000|u_1',
      'x|1|1|1795435200000;0|99999999999999|99999999999999|1795435200000||u_1|',
    ];

    it.each(garbage)('causes 503 in place of a record: %j', async (text) => {
      const sessionId = await create();
      await client.send('SET', recordOf(sessionId), text);
      await expect(store.get(sessionId)).rejects.toMatchObject(unavailable);
      await expect(rotateOnce(store, sessionId, 1)).rejects.toMatchObject(unavailable);
      const update = store.swap(sessionId, { data: '' }, { data: 'new' });
      await expect(update).rejects.toMatchObject(unavailable);
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
      await expect(store.confirm(sessionId, 1)).rejects.toMatchObject(unavailable);
      await client.send('SET', indexOf('u_1'), 'x');
      for (const call of [
        () => store.create(session(), limit),
        () => store.revoke(sessionId),
        () => store.revokeOwner('u_1'),
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
      const awake = startAwakeTime();
      const [start, startAwake] = [performance.now(), awake()];
      const codes = await Promise.all([
        codeOf(refreshTokenPair(tokens, refreshToken)),
        codeOf(issueTokenPair(tokens, { subject: 'u_2' })),
        codeOf(revokeSession(tokens, { sessionId: 'A'.repeat(38) })),
        codeOf(listSessions(tokens, 'u_1')),
      ]);
      const took = performance.now() - start;
      expect(new Set(codes)).toEqual(new Set(['temporarily_unavailable']));
      expect(took).toBeGreaterThan(900);
      expect(awake() - startAwake).toBeLessThan(2_000);
    } finally {
      redis.signal('SIGCONT');
    }
    await refreshTokenPair(tokens, refreshToken);
    expect(await store.get(sessionId)).toMatchObject({ generation: 2 });
  });

  it('refuses a login when Redis is full, and ends no session: refreshes fail until there is room', async () => {
    const tokens = createIssuer(store);
    const { refreshToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    const created = await create({ owner: 'u_3' });
    await client.send('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await client.send('CONFIG', 'SET', 'maxmemory', '1');
    try {
      expect(await store.create(session(), limit)).toEqual({ outcome: 'refused', reason: 'full' });
      expect(await codeOf(issueTokenPair(tokens, { subject: 'u_2' }))).toBe('store_full');
      await expect(rotateOnce(store, created, 1)).rejects.toMatchObject(unavailable);
      await expect(store.confirm(created, 1)).rejects.toMatchObject(unavailable);
      expect(await store.get(created)).toMatchObject({ generation: 1, confirmed: 0 });
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
    await create({ owner: 'u_2' });
    await client.send('CONFIG', 'SET', 'maxmemory', '1');
    try {
      expect(await store.revoke(sessionId)).toBe(true);
      expect(await store.revokeOwner('u_2')).toHaveLength(1);
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
      // So many calls at once may take longer than a second on a busy machine.
      createIssuer(new RedisSessionStore({ client, deadline: 10 }), { deadline: 10, ...shared }),
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
