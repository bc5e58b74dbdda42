// The store contract on PGlite, which needs no Postgres on the machine.

import { PostgresSessionStore } from '@tokenpair/postgres';
import { describeSessionStore } from '@tokenpair/testing';

import { openPglite, type OpenPglite } from '../support/pglite.js';
import { garble } from '../support/postgres-contract.js';

jest.setTimeout(60_000);

let database: OpenPglite;
let cases = 0;
beforeAll(() => {
  database = openPglite();
});
afterAll(() => database.close());

describeSessionStore('PGlite', async () => {
  const { client } = database;
  const table = `case_${(cases += 1)}`;
  const open = () => new PostgresSessionStore({ client, table });
  await open().migrate();
  return {
    store: open(),
    another: open,
    garble: async (sessionId) => {
      await client.query(garble(table), [sessionId]);
    },
    hang: () => database.hold(),
  };
});
