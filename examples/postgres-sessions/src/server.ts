// Starts one of several processes, with settings and keys from the environment, and sessions and revocations in Postgres.

import type { AddressInfo } from 'node:net';

import { PostgresRevocations, PostgresSessionStore } from '@tokenpair/postgres';
import { Pool } from 'pg';

import { createApp } from './app.js';

const {
  PORT = '3000',
  DATABASE_URL = 'postgres://postgres@127.0.0.1:5432/postgres',
  ACCESS_TOKEN_LIFETIME = '15s',
} = process.env;

const pool = new Pool({
  connectionString: DATABASE_URL,
  connectionTimeoutMillis: 1_000,
  statement_timeout: 1_000,
});
pool.on('error', (error: Error) => {
  console.error(`Postgres: ${error.message}`);
});
const store = new PostgresSessionStore({ client: pool });
await store.migrate();
const revocations = new PostgresRevocations({ client: pool });

const app = createApp({
  store,
  revocations,
  accessKey: readKey('ACCESS_KEY'),
  refreshKey: readKey('REFRESH_KEY'),
  accessTokenLifetime: ACCESS_TOKEN_LIFETIME,
});

await revocations.ready({ within: 10 });

const server = app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  const { address, port } = server.address() as AddressInfo;
  console.log(`postgres-sessions listens on http://${address}:${port}, sessions are in Postgres`);
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
