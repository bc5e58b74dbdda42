// The store takes each client of the Redis libraries.
import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';

import { issuerOver } from './typed.mjs';

export const issuers = [
  issuerOver(createClient()),
  issuerOver(createClientPool()),
  issuerOver(createCluster({ rootNodes: [] })),
  issuerOver(createSentinel({ name: 'main', sentinelRootNodes: [] })),
  issuerOver(new Redis({ lazyConnect: true })),
  issuerOver(new Cluster([], { lazyConnect: true })),
];
