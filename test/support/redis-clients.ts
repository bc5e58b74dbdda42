// Opens stores with clients of both libraries, which have the options that docs/redis.md recommends.

import { once } from 'node:events';

import type { SessionStore } from '@tokenpair/core';
import { RedisSessionStore } from '@tokenpair/redis';
import { Cluster as IoredisCluster, Redis as Ioredis } from 'ioredis6';
import { createClient, createCluster, createSentinel } from 'redis6';

import type { RedisProcess } from './redis-server.js';
import type { Sentinel } from './redis-topologies.js';

export interface OpenStore {
  readonly store: SessionStore;
  /** Sends a command of the test. */
  send(...command: readonly string[]): Promise<unknown>;
  close(): Promise<void> | void;
}

export interface OpenStores {
  readonly stores: readonly SessionStore[];
  close(): Promise<void>;
}

export async function openNodeRedis(
  url: string,
  prefix?: string,
  deadline?: number,
): Promise<OpenStore> {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', () => {});
  await client.connect();
  return {
    store: new RedisSessionStore({ client, prefix, deadline }),
    send: (...command) => client.sendCommand(command),
    close: () => client.destroy(),
  };
}

export async function openIoredis(
  url: string,
  prefix?: string,
  deadline?: number,
): Promise<OpenStore> {
  const client = new Ioredis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
  client.on('error', () => {});
  await once(client, 'ready');
  return {
    store: new RedisSessionStore({ client, prefix, deadline }),
    send: (name = '', ...rest) => client.call(name, ...rest),
    close: () => client.disconnect(),
  };
}

/** Opens one store with each library on one server. @param deadline - of the stores, in seconds. */
export function openBoth(url: string, deadline?: number): Promise<readonly [OpenStore, OpenStore]> {
  return Promise.all([
    openNodeRedis(url, undefined, deadline),
    openIoredis(url, undefined, deadline),
  ]);
}

export async function openBothOnSentinel({ name, sentinels }: Sentinel): Promise<OpenStores> {
  const nodes = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
  const nodeRedis = createSentinel({
    name,
    sentinelRootNodes: nodes,
    nodeClientOptions: { disableOfflineQueue: true },
  });
  nodeRedis.on('error', () => {});
  await nodeRedis.connect();
  const ioredis = new Ioredis({
    sentinels: nodes,
    name,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
  });
  ioredis.on('error', () => {});
  await once(ioredis, 'ready');
  return {
    stores: [
      new RedisSessionStore({ client: nodeRedis }),
      new RedisSessionStore({ client: ioredis }),
    ],
    async close() {
      ioredis.disconnect();
      await nodeRedis.destroy();
    },
  };
}

export async function openBothOnCluster(nodes: readonly RedisProcess[]): Promise<OpenStores> {
  const nodeRedis = createCluster({
    rootNodes: nodes.map(({ url }) => ({ url })),
    defaults: { disableOfflineQueue: true },
  });
  nodeRedis.on('error', () => {});
  await nodeRedis.connect();
  const ioredis = new IoredisCluster(
    nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
    { enableOfflineQueue: false, redisOptions: { maxRetriesPerRequest: 1 } },
  );
  ioredis.on('error', () => {});
  await once(ioredis, 'ready');
  return {
    stores: [
      new RedisSessionStore({ client: nodeRedis }),
      new RedisSessionStore({ client: ioredis }),
    ],
    async close() {
      ioredis.disconnect();
      nodeRedis.destroy();
    },
  };
}
