// Starts the example on a loopback port, with settings from the environment.

import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { RedisRevocations, RedisSessionStore } from '@tokenpair/redis';
import { createClient } from 'redis';

import { createExpressApp } from './express-app.js';
import { createKoaApp } from './koa-app.js';
import type { Settings } from './tokens.js';

const {
  FRAMEWORK = 'express',
  PORT = '3000',
  ACCESS_TOKEN_LIFETIME = '15s',
  REDIS_URL,
} = process.env;

const settings: Settings = {
  accessTokenLifetime: ACCESS_TOKEN_LIFETIME,
  ...(REDIS_URL !== undefined && (await openRedis(REDIS_URL))),
};
const app = FRAMEWORK === 'koa' ? createKoaApp(settings) : createExpressApp(settings);

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  // Print `localhost`, not 127.0.0.1: browsers store `Secure` cookies from `http://localhost`.
  console.log(`server-rendered listens on http://localhost:${port} (${FRAMEWORK})`);
  console.log('Users: ada/lovelace, alan/turing. Access token lifetime:', ACCESS_TOKEN_LIFETIME);
  console.log(`Sessions are in ${REDIS_URL === undefined ? 'memory' : 'Redis'}.`);
  console.log('The keys are made at every start, which is for an example only.');
});

async function openRedis(url: string): Promise<Pick<Settings, 'store' | 'revocations'>> {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', (error: Error) => {
    console.error('Redis:', error);
  });
  // connect() alone tries for ever.
  const tooLate = wait(5_000).then(() => Promise.reject(new Error('Redis did not answer for 5 s')));
  await Promise.race([client.connect(), tooLate]);
  return {
    store: new RedisSessionStore({ client }),
    revocations: new RedisRevocations({ client }),
  };
}
