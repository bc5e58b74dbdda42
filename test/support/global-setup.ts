// Before all tests: builds the packages, for the tests that start processes, and starts one Redis that all tests share; they
// keep apart by their key prefix. Jest loads this file without its module mapper, hence the extension of the import.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { hasRedisServer, startRedis } from './redis-server.ts';

/** Starts no Redis when REDIS_URL names one or there is none to start. */
export default async function setUp(): Promise<void> {
  const build = join(__dirname, '../../scripts/build-packages.mjs');
  execFileSync(process.execPath, [build], { stdio: 'inherit' });
  if (process.env['REDIS_URL'] || !hasRedisServer()) return;
  const redis = await startRedis();
  process.env['REDIS_URL'] = redis.url;
  globalThis.stopSharedRedis = () => redis.stop();
}

// globalTeardown finds it here: Jest loads both in one process.
declare global {
  var stopSharedRedis: (() => Promise<void>) | undefined;
}
