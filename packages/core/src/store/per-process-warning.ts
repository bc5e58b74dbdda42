// Warns that sessions in memory are not shared between processes, where there are probably several.

import cluster from 'node:cluster';

import { warnOnce } from '../lib/warn-once.js';

/** Emits the warning, once, in production, in a worker of a cluster and under a process manager. */
export function warnOnceThatSessionsArePerProcess(): void {
  // The environment decides about this warning only, never about behaviour.
  const { NODE_ENV: environment, NODE_APP_INSTANCE: instance } = process.env;
  if (environment !== 'production' && !cluster.isWorker && instance === undefined) return;
  warnOnce(
    'TOKENPAIR_MEMORY_STORE',
    'MemorySessionStore keeps sessions in the memory of this process: they end with it, and other processes do not see ' +
      'them. Use a store that processes share, RedisSessionStore for example.',
  );
}
