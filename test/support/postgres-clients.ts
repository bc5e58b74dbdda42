// Every kind of client that docs/postgres.md has a line for, and that runs here.

import type { PostgresClient } from '@tokenpair/postgres';
import { drizzle } from 'drizzle-orm/node-postgres';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import postgres from 'postgres';

export interface OpenPostgres {
  readonly client: PostgresClient;
  close(): Promise<void>;
}

/** @param patience - milliseconds that a statement waits for a connection that is free. */
export function openPool(url: string, max = 10, patience = 1_000): Pool {
  const pool = new Pool({ connectionString: url, max, connectionTimeoutMillis: patience });
  // Without a listener, a connection that ends while it is idle ends the process.
  pool.on('error', () => {});
  return pool;
}

export const clients: Readonly<Record<string, (url: string) => OpenPostgres>> = {
  pg: (url) => {
    const pool = openPool(url);
    return { client: pool, close: () => pool.end() };
  },
  'postgres.js': (url) => {
    const sql = postgres(url, { onnotice: () => {} });
    return {
      client: { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) },
      close: () => sql.end({ timeout: 1 }),
    };
  },
  Kysely: (url) => {
    const db = new Kysely({ dialect: new PostgresDialect({ pool: openPool(url) }) });
    return {
      client: { query: (text, values) => db.executeQuery(CompiledQuery.raw(text, values)) },
      close: () => db.destroy(),
    };
  },
  Drizzle: (url) => {
    const db = drizzle(openPool(url));
    return { client: db.$client, close: () => db.$client.end() };
  },
};
