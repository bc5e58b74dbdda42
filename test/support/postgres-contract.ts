// The store contract on Postgres, through one kind of client.

import { PostgresSessionStore } from '@tokenpair/postgres';
import { describeSessionStore } from '@tokenpair/testing';

import { describeBouncer, startBouncer, type Bouncer } from './pgbouncer.js';
import { clients, type OpenPostgres } from './postgres-clients.js';
import { describePostgres, startPostgres, type PostgresServer } from './postgres-server.js';

/** Makes a record one that is none. */
export const garble = (table: string): string =>
  `UPDATE "${table}" SET secret_hash = 'gone fishing' WHERE session_id = $1`;

/** Runs the contract on a server of its own, directly and behind PgBouncer. */
export function describeContract(library: keyof typeof clients): void {
  // A case runs again with longer lifetimes when the machine was too slow.
  jest.setTimeout(60_000);

  describePostgres(`Postgres through ${library}`, () => {
    let server: PostgresServer;
    let cases = 0;

    beforeAll(async () => {
      server = await startPostgres();
    }, 60_000);
    afterAll(() => server.close());

    const describeOver = (where: string, urlOf: () => string) => {
      let opened: OpenPostgres[];
      beforeAll(() => {
        const open = clients[library] as (url: string) => OpenPostgres;
        opened = [open(urlOf()), open(urlOf())];
      });
      afterAll(() => Promise.all(opened.map(({ close }) => close())));

      describeSessionStore(`Postgres through ${library}, ${where},`, async () => {
        const [mine, another] = opened as [OpenPostgres, OpenPostgres];
        const table = `case_${(cases += 1)}`;
        const over = ({ client }: OpenPostgres) => new PostgresSessionStore({ client, table });
        await over(mine).migrate();
        return {
          store: over(mine),
          another: () => over(another),
          garble: async (sessionId) => {
            await mine.client.query(garble(table), [sessionId]);
          },
          hang: () => {
            server.pause();
            return () => server.resume();
          },
        };
      });
    };

    describe('directly', () => {
      describeOver('directly', () => server.url);
    });

    describeBouncer('behind PgBouncer', () => {
      let bouncer: Bouncer;
      beforeAll(async () => {
        bouncer = await startBouncer(server);
      });
      afterAll(() => bouncer.close());
      describeOver('behind PgBouncer in transaction mode', () => bouncer.url);
    });
  });
}
