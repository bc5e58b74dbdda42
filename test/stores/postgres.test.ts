// The store contract on a Postgres started for this file, through each kind of client and through PgBouncer; and on PGlite, which
// needs no server.

import { PostgresSessionStore } from '@tokenpair/postgres';
import { describeSessionStore } from '@tokenpair/testing';

import { describeBouncer, startBouncer, type Bouncer } from '../support/pgbouncer.js';
import { openPglite, type OpenPglite } from '../support/pglite.js';
import { clients, type OpenPostgres } from '../support/postgres-clients.js';
import { describePostgres, startPostgres, type PostgresServer } from '../support/postgres-server.js';

// A case runs again with longer lifetimes when the machine was too slow.
jest.setTimeout(20_000);

let cases = 0;
const nextTable = () => `case_${(cases += 1)}`;

const garbleIn = (table: string) =>
  `UPDATE "${table}" SET secret_hash = 'gone fishing' WHERE session_id = $1`;

describePostgres('Postgres', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.close());

  const describeThrough = (client: string, urlOf: () => string) => {
    const open = clients[client] as (url: string) => OpenPostgres;
    describe(`through ${client}`, () => {
      let opened: [OpenPostgres, OpenPostgres];
      beforeAll(() => {
        opened = [open(urlOf()), open(urlOf())];
      });
      afterAll(() => Promise.all(opened.map(({ close }) => close())));

      describeSessionStore(`Postgres through ${client}`, async () => {
        const [mine, another] = opened;
        const table = nextTable();
        const over = ({ client }: OpenPostgres) => new PostgresSessionStore({ client, table });
        await over(mine).migrate();
        return {
          store: over(mine),
          another: () => over(another),
          garble: async (sessionId) => {
            await mine.client.query(garbleIn(table), [sessionId]);
          },
          hang: () => {
            server.pause();
            return () => server.resume();
          },
        };
      });
    });
  };

  for (const client of Object.keys(clients)) describeThrough(client, () => server.url);

  describeBouncer('behind PgBouncer in transaction mode,', () => {
    let bouncer: Bouncer;
    beforeAll(async () => {
      bouncer = await startBouncer(server);
    });
    afterAll(() => bouncer.close());

    describeThrough('pg', () => bouncer.url);
    describeThrough('postgres.js', () => bouncer.url);
  });

  describe('in the isolation level serializable,', () => {
    describeThrough('pg', () => `${server.url}?options=-c%20default_transaction_isolation%3Dserializable`);
  });
});

describe('PGlite', () => {
  let database: OpenPglite;
  beforeAll(() => {
    database = openPglite();
  });
  afterAll(() => database.close());

  describeSessionStore('PGlite', async () => {
    const { client } = database;
    const table = nextTable();
    const open = () => new PostgresSessionStore({ client, table });
    await open().migrate();
    return {
      store: open(),
      another: open,
      garble: async (sessionId) => {
        await client.query(garbleIn(table), [sessionId]);
      },
      hang: () => database.hold(),
    };
  });
});
