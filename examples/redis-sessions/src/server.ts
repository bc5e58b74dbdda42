// Starts one of several processes, with settings and keys from the environment and sessions in Redis.

import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { RedisSessionStore } from '@tokenpair/redis';
import { createClient } from 'redis';

import { createApp } from './app.js';

const {
  PORT = '3000',
  REDIS_URL = 'redis://127.0.0.1:6379',
  ACCESS_TOKEN_LIFETIME = '15s',
} = process.env;

const client = createClient({ url: REDIS_URL, disableOfflineQueue: true });
client.on('error', (error: Error) => {
  console.error('Redis:', error);
});
// connect() alone tries for ever.
const tooLate = wait(5_000).then(() => Promise.reject(new Error('Redis did not answer for 5 s')));
await Promise.race([client.connect(), tooLate]);

const app = createApp({
  store: new RedisSessionStore({ client }),
  accessKey: readKey('ACCESS_KEY'),
  refreshKey: readKey('REFRESH_KEY'),
  accessTokenLifetime: ACCESS_TOKEN_LIFETIME,
});

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  const { address, port } = server.address() as AddressInfo;
  console.log(`redis-sessions listens on http://${address}:${port}, sessions are in Redis`);
});

function readKey(name: string): Buffer {
  const key = Buffer.from(process.env[name] ?? '', 'base64');
  if (key.length < 32) {
    throw new Error(
      `${name} must be at least 32 random bytes in base64. Run: export ${name}=$(openssl rand -base64 32)`,
    );
  }
  return key;
}
