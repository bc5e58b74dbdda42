// What an error of a Redis store shows in a log: the failure, and none of the user's data.

import { once } from 'node:events';
import { inspect } from 'node:util';

import {
  ownerTag,
  StoreUnavailableError,
  type NewSession,
  type SessionStore,
} from '@tokenpair/core/store';
import { RedisSessionStore } from '@tokenpair/redis';
import { Redis as Ioredis6 } from 'ioredis6';

import { expectOf, newSession, successorOf } from '../../packages/testing/src/suite/sessions.js';
import { libraries, type OpenClient } from '../support/redis-libraries.js';
import { startRedis, type RedisProcess } from '../support/redis-server.js';
import { runInChild } from '../support/run-in-child.js';

const secrets = ['subject-of-alice', 'alices-phone', 'secret-scope', 'tp:{'];
const wanted = (): NewSession =>
  newSession({
    owner: 'issuer-1.subject-of-alice',
    data: JSON.stringify({ scope: 'secret-scope', meta: { device: "alices-phone's" } }),
  });
const limit = { max: 10, onLimit: 'reject' } as const;

/** Every operation of a store, on a session that need not exist. */
type Step = (store: SessionStore) => Promise<unknown>;
const steps: Readonly<Record<string, Step>> = {
  create: (store) => store.create(wanted(), limit),
  get: (store) => store.get(wanted().sessionId),
  rotation: (store) => {
    return store.swap(wanted().sessionId, expectOf(1), { token: successorOf(1) });
  },
  update: (store) => {
    const { sessionId, data } = wanted();
    return store.swap(sessionId, { data }, { data: data.replace('secret-scope', '') });
  },
  confirm: (store) => store.confirm(wanted().sessionId, 1),
  revoke: (store) => store.revoke(wanted().sessionId),
  revokeOwner: (store) => store.revokeOwner('issuer-1.subject-of-alice'),
  list: (store) => store.list('issuer-1.subject-of-alice'),
};

async function failureOf(act: Promise<unknown>): Promise<StoreUnavailableError> {
  const error: unknown = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreUnavailableError);
  return error as StoreUnavailableError;
}

function expectNoData(error: unknown): void {
  const texts = [
    inspect(error, { depth: Infinity, showHidden: true, getters: true }),
    JSON.stringify(error),
    JSON.stringify(error, allMembers),
  ];
  for (const text of texts) {
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
  expect(inspect(error)).not.toMatch(/\b(?:command|args|previousErrors|lastNodeError|buffer)\b.?:/);
}

function allMembers(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return Object.fromEntries(
    Object.getOwnPropertyNames(value).map((name) => [name, Reflect.get(value, name)]),
  );
}

const causeOf = ({ cause }: StoreUnavailableError) => cause as Error & { readonly code?: string };

let redis: RedisProcess;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

describe.each(Object.keys(libraries))('an error of a Redis store through %s', (library) => {
  let opened: OpenClient;
  let store: RedisSessionStore;

  beforeAll(async () => {
    const open = libraries[library] as (url: string) => Promise<OpenClient>;
    opened = await open(redis.url);
    store = new RedisSessionStore({ client: opened.client });
  });
  afterAll(() => opened.close());

  test.each(Object.entries(steps))(
    'contains no data that was sent when the user may not run scripts: %s',
    async (_name, step) => {
      await opened.send('ACL', 'SETUSER', 'default', '-@scripting');
      const error = await failureOf(step(store));
      await opened.send('ACL', 'SETUSER', 'default', '+@scripting');
      expectNoData(error);
      expect(causeOf(error).message).toMatch(/^NOPERM \w/);
      expect(causeOf(error).code).toBe('NOPERM');
    },
  );

  test.each(['create', 'revokeOwner', 'list'])(
    'contains no data that was sent when a key has another type in Redis: %s',
    async (name) => {
      await opened.send('SET', `tp:{${ownerTag('issuer-1.subject-of-alice')}}`, 'x');
      const step = steps[name] as Step;
      const error = await failureOf(step(store));
      await opened.send('FLUSHALL');
      expectNoData(error);
      expect(causeOf(error).message).toMatch(/\bWRONGTYPE Operation against a key/);
    },
  );
});

describe.each(['EVALSHA', 'EVAL', 'MGET'])(
  'an error in a Redis where %s was renamed',
  (command) => {
    let without: RedisProcess;
    beforeAll(async () => {
      without = await startRedis({ args: ['--rename-command', command, ''] });
    });
    afterAll(() => without.stop());

    test.each(Object.keys(libraries))(
      'contains none of the arguments, through %s',
      async (library) => {
        const open = libraries[library] as (url: string) => Promise<OpenClient>;
        const opened = await open(without.url);
        const store = new RedisSessionStore({ client: opened.client });
        // With a record for the list to read by MGET, and without the scripts.
        await store.create(wanted(), limit).catch(() => undefined);
        await opened.send('SCRIPT', 'FLUSH');
        const act = command === 'MGET' ? steps['list'] : steps['create'];
        const error = await failureOf((act as Step)(store));
        expectNoData(error);
        expect(causeOf(error)).toMatchObject({ code: 'ERR', message: 'ERR unknown command' });
        opened.close();
      },
    );
  },
);

test('an outage keeps the error of the client as its cause, without the data that was to be sent', async () => {
  const lost = await startRedis();
  const client = new Ioredis6(lost.url, { maxRetriesPerRequest: 1, retryStrategy: () => 1 });
  client.on('error', () => {});
  await once(client, 'ready');
  const store = new RedisSessionStore({ client, deadline: 5 });
  await lost.crash();
  const error = await failureOf(store.create(wanted(), limit));
  expectNoData(error);
  expect(causeOf(error)).toMatchObject({ name: expect.stringMatching(/Error$/) as string });
  expect(causeOf(error).message).toContain('max retries per request');
  expect(causeOf(error).stack).toMatch(/^\w+: .*\n\s+at /);
  client.disconnect();
  await lost.stop();
});

test('console.error of an error of a Redis store through ioredis prints nothing of what was sent', async () => {
  const without = await startRedis({ args: ['--rename-command', 'EVALSHA', ''] });
  const { stdout, stderr, exitCode } = await runInChild(
    `
    const { Redis } = requireOfTests('ioredis6');
    const { RedisSessionStore } = requireRedisStore();
    const client = new Redis(process.env.URL);
    const keys = [{ kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 7) }];
    const tokens = core.createTokenIssuer({
      issuer: 'https://a.test', audience: 'b', keys, refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 8) }],
      store: new RedisSessionStore({ client }),
      onEvent: (event) => console.error(event),
    });
    const grant = { subject: 'subject-of-alice', scope: 'secret-scope', metadata: { device: 'alices-phone' } };
    core.issueTokenPair(tokens, grant).catch((error) => {
      console.error(error);
      console.log(error.code, error.cause.message);
      client.disconnect();
    });`,
    { URL: without.url },
  );
  await without.stop();
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: 'temporarily_unavailable ERR unknown command\n',
  });
  expect(stderr).toContain('ERR unknown command');
  for (const secret of secrets) expect(stderr).not.toContain(secret);
});

async function rejection(reason: unknown): Promise<StoreUnavailableError> {
  const client = { sendCommand: () => Promise.reject(reason) };
  return failureOf(new RedisSessionStore({ client }).create(wanted(), limit));
}

describe('the error of a client, as a cause,', () => {
  test.each([
    [
      'a reply that repeats the arguments without quotes',
      new Error('ERR refused: subject-of-alice'),
    ],
    ['a reply that quotes a part of them', new Error("ERR bad args '1|abc' 'alices-pho")],
    ['a wrapper that repeats the command', new Error('EVALSHA failed for subject-of-alice: x')],
    [
      'a message of several lines',
      Object.assign(new Error('ERR\n    at subject-of-alice'), { code: 'alices-phone is' }),
    ],
    ['an error with the command', Object.assign(new Error('x'), { command: { args: secrets } })],
    [
      'an AggregateError',
      new AggregateError([Object.assign(new Error('one'), { command: { args: secrets } })], ''),
    ],
    [
      'an error with previous errors',
      Object.assign(new Error('x'), {
        previousErrors: [new Error('ERR subject-of-alice')],
        lastNodeError: Object.assign(new Error('y'), { command: { args: secrets } }),
      }),
    ],
    [
      'an error whose cause has the command',
      new Error('x', { cause: Object.assign(new Error('y'), { args: secrets }) }),
    ],
    ['an error with a symbol', Object.assign(new Error('x'), { [Symbol('args')]: secrets })],
    ['an error with bytes', Object.assign(new Error('x'), { buffer: Buffer.from('alices-phone') })],
    ['a text', 'ERR subject-of-alice'],
    ['an object', { command: secrets }],
    ['nothing', undefined],
  ])('contains no data that was sent: %s', async (_name, reason) => {
    const error = await rejection(reason);
    expectNoData(error);
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('keeps its name, code, message and stack frames', async () => {
    const reason = Object.assign(new TypeError('connect ECONNREFUSED 10.0.0.7:6379'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    const cause = causeOf(await rejection(reason));
    expect(cause).toMatchObject({
      name: 'TypeError',
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 10.0.0.7:6379',
    });
    expect(cause.stack).toBe(reason.stack);
  });

  test('keeps the error of one address from an AggregateError', async () => {
    const one = Object.assign(new Error('connect ECONNREFUSED ::1:6379'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    const { cause } = causeOf(await rejection(new AggregateError([one], '')));
    expect(cause).toMatchObject({ message: 'connect ECONNREFUSED ::1:6379', code: 'ECONNREFUSED' });
  });
});
