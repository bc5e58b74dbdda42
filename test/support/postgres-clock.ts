// The Postgres store with a clock that the test sets: in the text of each statement, the time of Postgres is replaced by that of
// the test. All else is done by a real Postgres.

import { PostgresSessionStore, type PostgresClient } from '@tokenpair/postgres';

import { openPool } from './postgres-clients.js';
import type { OpenSessionStore } from './tabs/replayed-store.js';

export interface PostgresAt {
  /** Opens an empty store. */
  readonly openStore: OpenSessionStore;
  close(): Promise<void>;
}

const clock = 'clock_timestamp()';

export async function openPostgresAt(url: string): Promise<PostgresAt> {
  const pool = openPool(url, 2, 20_000);
  await new PostgresSessionStore({ client: pool, removalInterval: false }).migrate();
  let stores = 0;

  const openStore: OpenSessionStore = (now) => {
    stores += 1;
    const table = `store_${stores}`;
    let ready: Promise<unknown> | undefined;
    const create = async () => {
      for (const suffix of ['', '_owner']) {
        await pool.query(
          `CREATE TABLE ${table}${suffix} (LIKE tokenpair_session${suffix} INCLUDING ALL)`,
        );
      }
    };
    const query: PostgresClient['query'] = async (text, values) => {
      ready ??= create();
      await ready;
      if (!text.includes(clock)) throw new Error('a statement must ask for the time');
      return pool.query(text.replaceAll(clock, `to_timestamp(${now() / 1_000})`), values);
    };
    return new PostgresSessionStore({
      client: { query },
      table,
      deadline: 30,
      removalInterval: false,
    });
  };
  return { openStore, close: () => pool.end() };
}
