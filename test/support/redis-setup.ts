// Before all tests: one Redis that they share. Tests keep apart by their key prefix.
// Jest loads this file without its module mapper, hence the extension of the import.

import { hasRedisServer, startRedis } from './redis-server.ts';

/** Starts it, unless REDIS_URL names one or there is none to start. */
export async function startSharedRedis(): Promise<void> {
  if (process.env['REDIS_URL'] || !hasRedisServer()) return;
  const redis = await startRedis();
  process.env['REDIS_URL'] = redis.url;
  globalThis.stopSharedRedis = () => redis.stop();
}

// globalTeardown finds it here: Jest loads both in one process.
declare global {
  var stopSharedRedis: (() => Promise<void>) | undefined;
}
