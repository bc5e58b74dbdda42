import { RedisSessionStore, type RedisSessionStoreOptions } from '@tokenpair/redis';
import { Cluster as Ioredis5Cluster, Redis as Ioredis5 } from 'ioredis5';
import { Cluster as Ioredis6Cluster, Redis as Ioredis6 } from 'ioredis6';
import { createClient as createClient5 } from 'redis5';
import {
  createClient as createClient6,
  createClientPool,
  createCluster,
  createSentinel,
} from 'redis6';

import { newSession } from '../../packages/testing/src/suite/sessions.js';

const sentinel = { name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] };
const lazy = { lazyConnect: true } as const;
const construct = (options: unknown) => () =>
  new RedisSessionStore(options as RedisSessionStoreOptions);

const clients: [string, () => object][] = [
  ['node-redis 5', () => createClient5()],
  ['node-redis 6', () => createClient6()],
  ['a pool of node-redis 6', () => createClientPool()],
  ['a cluster client of node-redis 6', () => createCluster({ rootNodes: [] })],
  ['a Sentinel client of node-redis 6', () => createSentinel(sentinel)],
  ['ioredis 5', () => new Ioredis5(lazy)],
  ['ioredis 6', () => new Ioredis6(lazy)],
  ['a cluster client of ioredis 5', () => new Ioredis5Cluster([], lazy)],
  ['a cluster client of ioredis 6', () => new Ioredis6Cluster([], lazy)],
];

describe('a client of a Redis store', () => {
  it.each(clients)('may be %s, and need not be connected yet', (_what, make) => {
    expect(construct({ client: make() })).not.toThrow();
  });

  it.each(clients)('in place of the options is noticed: %s', (_what, make) => {
    expect(construct(make())).toThrow(
      'RedisSessionStore takes options; got a client. Pass it as a member: new RedisSessionStore({ client }).',
    );
  });

  it.each<[string, unknown]>([
    ['the address of a server', 'redis://:hunter2@localhost:6379'],
    ['a URL', new URL('redis://:hunter2@localhost:6379')],
    ['the options of a client', { url: 'redis://:hunter2@localhost:6379' }],
    ['the options of ioredis', { host: 'localhost', port: 6379, password: 'hunter2' }],
    ['a client under another name', { redisClient: {} }],
    ['a function', createClient6],
    ['nothing', undefined],
    ['an empty object', {}],
  ])('is missing, and the message says where it belongs: %s', (_what, options) => {
    expect(construct(options)).toThrow(TypeError);
    expect(construct(options)).toThrow(/new RedisSessionStore\(\{ client \}\)/);
    expect(construct(options)).not.toThrow(/hunter2/);
  });

  it('must be awaited first when it is a promise', () => {
    const client = Promise.resolve(createClient6());
    expect(construct({ client })).toThrow('client is a promise: await it');
  });

  it.each([
    ['node-redis 6', () => createClient6({ keyPrefix: 'app:' })],
    ['ioredis 5', () => new Ioredis5({ ...lazy, keyPrefix: 'app:' })],
    ['ioredis 6', () => new Ioredis6({ ...lazy, keyPrefix: 'app:' })],
    [
      'a cluster client of ioredis 6',
      () => new Ioredis6Cluster([], { ...lazy, keyPrefix: 'app:' }),
    ],
    [
      'a cluster client of ioredis 6 whose nodes have one',
      () => new Ioredis6Cluster([], { ...lazy, redisOptions: { keyPrefix: 'app:' } }),
    ],
    ['a cluster client of node-redis 6', () => createCluster({ rootNodes: [], keyPrefix: 'app:' })],
    ['a Sentinel client of node-redis 6', () => createSentinel({ ...sentinel, keyPrefix: 'app:' })],
    ['a pool of node-redis 6', () => createClientPool({ keyPrefix: 'app:' })],
  ])('is refused when it has a keyPrefix: %s', (_what, make) => {
    const client = make();
    expect(construct({ client })).toThrow(TypeError);
    expect(construct({ client })).toThrow(/keyPrefix.*the option 'prefix'/);
  });

  it('may have a keyPrefix that is empty', () => {
    expect(construct({ client: new Ioredis6({ ...lazy, keyPrefix: '' }) })).not.toThrow();
  });

  it.each([
    undefined,
    null,
    'redis://127.0.0.1',
    7,
    {},
    [],
    { get: () => '' },
    () => '',
    { call: 1 },
  ])('cannot be %p', (client) => {
    expect(construct({ client })).toThrow(TypeError);
    expect(construct({ client })).toThrow(/^client must be a connected client/);
  });
});

describe('an option of a Redis store', () => {
  const client = createClient6();

  it.each(['{', '}', 'a{b}c:', 'x'.repeat(65), 7, null, ['a']])(
    'prefix cannot be %p, and the error names it',
    (prefix) => {
      expect(construct({ client, prefix })).toThrow(TypeError);
      expect(construct({ client, prefix })).toThrow(/^prefix\b/);
    },
  );

  it.each(['', 'shop:', 'a b', 'x'.repeat(64)])('prefix may be %p', (prefix) => {
    expect(construct({ client, prefix })).not.toThrow();
  });

  it.each([0, -1, '5', 'soon', Number.NaN, 3_601, null])(
    'deadline cannot be %p, and the error names it',
    (deadline) => {
      expect(construct({ client, deadline })).toThrow(TypeError);
      expect(construct({ client, deadline })).toThrow(/^deadline\b/);
    },
  );
});

describe('an error that a client of a Redis store rejects with', () => {
  const wanted = newSession({ owner: 'u_1' });
  const limit = { max: 1, onLimit: 'reject' } as const;
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'. script: 1f, on @user_script:9."],
    [
      "ERR Error running script (call to f_1f): @user_script:9: @user_script: 9: -OOM command not allowed when used memory > 'maxmemory'.",
    ],
  ])('makes a login answer that the store is full: %s', async (message) => {
    const { store, sendCommand } = rejecting(message);
    expect(await store.create(wanted, limit)).toEqual({ outcome: 'refused', reason: 'full' });
    expect(sendCommand).toHaveBeenCalledTimes(1);
  });

  it.each([
    'ERR unknown command',
    'ERR the word OOM somewhere',
    'MISCONF Redis is configured to save RDB snapshots',
    'LOADING Redis is loading the dataset in memory',
    'a NOSCRIPT that Redis did not say',
  ])('otherwise counts as an outage, and the command is not repeated: %s', async (message) => {
    const { store, sendCommand } = rejecting(message);
    await expect(store.create(wanted, limit)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      cause: { message },
    });
    expect(sendCommand).toHaveBeenCalledTimes(1);
  });

  it('makes the store send the text of the script once when the script is unknown', async () => {
    const { store, sendCommand } = rejecting('NOSCRIPT No matching script. Please use EVAL.');
    await expect(store.create(wanted, limit)).rejects.toMatchObject({ status: 503 });
    expect(sendCommand.mock.calls.map(([[name]]) => name)).toEqual(['EVALSHA', 'EVAL']);
  });
});

describe('READONLY, from a server that has become a replica,', () => {
  const wanted = newSession({ owner: 'u_1' });
  const limit = { max: 1, onLimit: 'reject' } as const;
  const messages = [
    'READONLY You can not write against a read only replica.',
    'ERR Error running script (call to f_1f): @user_script:9: @user_script: 9: -READONLY You can not write',
  ];
  const login = async (client: RedisSessionStoreOptions['client']) => {
    const store = new RedisSessionStore({ client });
    await expect(store.create(wanted, limit)).rejects.toMatchObject({
      code: 'temporarily_unavailable',
      cause: { code: 'READONLY' },
    });
  };

  it.each(messages)('makes Redis close the connection of node-redis: %s', async (message) => {
    const sendCommand = rejectingAll(message);
    await login({ sendCommand, isReady: true } as RedisSessionStoreOptions['client']);
    expect(sendCommand.mock.calls.map(([command]) => (command as string[])[0])).toEqual([
      'EVALSHA',
      'QUIT',
    ]);
  });

  it.each(messages)('makes ioredis connect again: %s', async (message) => {
    const call = rejectingAll(message);
    const disconnect = jest.fn();
    await login({ call, disconnect } as RedisSessionStoreOptions['client']);
    expect(disconnect.mock.calls).toEqual([[true]]);
    expect(call).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['of node-redis before 4.2, which would not survive it', {}],
    ['of a cluster of node-redis', { slots: [] }],
    ['of node-redis behind Sentinel', { getSentinelNode: () => undefined }],
    ['of a cluster of ioredis', { nodes: () => [], disconnect: jest.fn() }],
  ])('closes no connection %s', async (_what, members) => {
    const send = rejectingAll(messages[0] ?? '');
    const isIoredis = 'nodes' in members;
    const client = { ...members, ...(isIoredis ? { call: send } : { sendCommand: send }) };
    await login(client);
    expect(send).toHaveBeenCalledTimes(1);
    expect(Reflect.get(members, 'disconnect') ?? jest.fn()).not.toHaveBeenCalled();
  });
});

const rejectingAll = (message: string) =>
  jest.fn((..._args: unknown[]) => Promise.reject(new Error(message)));

/** A store whose client rejects everything with this message. */
function rejecting(message: string) {
  const sendCommand = jest.fn((_command: string[]) => Promise.reject(new Error(message)));
  return { sendCommand, store: new RedisSessionStore({ client: { sendCommand } }) };
}

describe('an unknown option of RedisSessionStore', () => {
  it('is refused and named, because a misspelled option is not a default', () => {
    const client = { call: () => Promise.resolve(null) };
    const options = { client, deadlines: 1 } as unknown as RedisSessionStoreOptions;
    expect(() => new RedisSessionStore(options)).toThrow(/no option 'deadlines'/);
  });
});

describe('a prefix with a lone surrogate', () => {
  it.each(['a\uD800:', '\uDFFF'])(
    'is refused, because Redis would store another prefix: %j',
    (prefix) => {
      const client = { call: () => Promise.resolve(null) };
      expect(() => new RedisSessionStore({ client, prefix })).toThrow(/^prefix must be/);
      expect(() => new RedisSessionStore({ client, prefix: 'a😀:' })).not.toThrow();
    },
  );
});
