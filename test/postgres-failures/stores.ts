// Two stores on one Postgres, each through another library, as two processes would have them.

import { PostgresSessionStore, type PostgresClient } from '@tokenpair/postgres';

import { clients, type OpenPostgres } from '../support/postgres-clients.js';

export interface OpenStores {
  readonly clients: readonly PostgresClient[];
  readonly stores: readonly PostgresSessionStore[];
  close(): Promise<void>;
}

/** @param port - of Postgres, or of a proxy before it. */
export function openBoth(port: number): OpenStores {
  const url = `postgres://test@127.0.0.1:${port}/postgres`;
  const opened = ['pg', 'postgres.js'].map((library) => clients[library]?.(url) as OpenPostgres);
  return {
    clients: opened.map(({ client }) => client),
    stores: opened.map(({ client }) => new PostgresSessionStore({ client })),
    async close() {
      await Promise.all(opened.map((one) => one.close()));
    },
  };
}
