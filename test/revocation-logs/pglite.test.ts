// The contract of a revocation log on PGlite, which needs no Postgres on the machine.

import { openPglite, type OpenPglite } from '../support/pglite.js';
import { describeLogOver } from '../support/postgres-log.js';

jest.setTimeout(60_000);

let database: OpenPglite;
beforeAll(() => {
  database = openPglite();
});
afterAll(() => database.close());

const setReadOnly = (value: 'on' | 'off') =>
  database.client.query(`SET default_transaction_read_only = ${value}`, []);

describeLogOver('PGlite', () => ({
  client: database.client,
  another: database.client,
  hang: () => database.hold(),
  demote: async () => {
    await setReadOnly('on');
    return async () => {
      await setReadOnly('off');
    };
  },
}));
