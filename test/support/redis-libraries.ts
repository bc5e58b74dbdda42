// Every client library that the Redis store supports, connected in each way that makes a difference to the store.

import { once, type EventEmitter } from 'node:events';

import type { RedisClient } from '@tokenpair/redis';
// @ts-expect-error -- it has no types of its own
import UntypedIoredis4 from 'ioredis4';
import { Redis as Ioredis5 } from 'ioredis5';
import { Redis as Ioredis6 } from 'ioredis6';
import { createClient as createClient4 } from 'redis4';
import { createClient as createClient5 } from 'redis5';
import { createClient as createClient6, createClientPool as createPool6 } from 'redis6';

export interface OpenClient {
  readonly client: RedisClient;
  /** Sends a command of the test. */
  readonly send: (...command: string[]) => Promise<unknown>;
  readonly close: () => void;
}

const Ioredis4 = UntypedIoredis4 as new (
  url: string,
  options: { readonly maxRetriesPerRequest: number },
) => Ioredis & RedisClient;

const failFast = { disableOfflineQueue: true } as const;

export const libraries: Readonly<Record<string, (url: string) => Promise<OpenClient>>> = {
  // The oldest of each library that the package admits.
  'node-redis 4.0.0': (url) => {
    const client = createClient4({ url });
    return connected(Object.assign(client, { destroy: () => void client.disconnect() }));
  },
  'node-redis 5': (url) => connected(createClient5({ url, ...failFast })),
  'node-redis 5, RESP3': (url) => connected(createClient5({ url, RESP: 3, ...failFast })),
  'node-redis 6': (url) => connected(createClient6({ url, ...failFast })),
  'node-redis 6, RESP2': (url) => connected(createClient6({ url, RESP: 2, ...failFast })),
  'a pool of node-redis 6': (url) => connected(createPool6({ url }, { minimum: 2, maximum: 10 })),
  'ioredis 4.0.0': (url) => ready(new Ioredis4(url, { maxRetriesPerRequest: 1 })),
  'ioredis 5': (url) => ready(new Ioredis5(url, { maxRetriesPerRequest: 1 })),
  'ioredis 6': (url) => ready(new Ioredis6(url, { maxRetriesPerRequest: 1 })),
};

interface Connectable {
  on(event: 'error', listener: () => void): unknown;
  connect(): Promise<unknown>;
  destroy(): void;
  sendCommand(command: string[]): Promise<unknown>;
}

async function connected(client: Connectable & RedisClient): Promise<OpenClient> {
  client.on('error', () => {});
  await client.connect();
  const send = (...command: string[]) => client.sendCommand(command);
  return { client, send, close: () => client.destroy() };
}

// Not a union of the two classes: the compiler would compare all their members to tell them apart, which is slow.
interface Ioredis extends EventEmitter {
  call(name: string, ...rest: string[]): Promise<unknown>;
  disconnect(): void;
}

async function ready(client: Ioredis & RedisClient): Promise<OpenClient> {
  client.on('error', () => {});
  await once(client, 'ready');
  const send = (name = '', ...rest: string[]) => client.call(name, ...rest);
  return { client, send, close: () => client.disconnect() };
}
