// A revocation log on a Postgres of the test, and what the contract suite may do to it.

import type { PostgresClient } from '@tokenpair/postgres';
import { describeRevocationLog, type RevocationLogUnderTest } from '@tokenpair/testing';

import { PostgresRevocationLog } from '../../packages/postgres/src/postgres-revocation-log.js';
import { readPostgresOptions } from '../../packages/postgres/src/postgres-options.js';
import { createTables, readTables } from '../../packages/postgres/src/schema.js';
import { describeBouncer, startBouncer, type Bouncer } from './pgbouncer.js';
import { clients, type OpenPostgres } from './postgres-clients.js';
import { describePostgres, startPostgres, type PostgresServer } from './postgres-server.js';

export function openPostgresLog(
  client: PostgresClient,
  options: { readonly table?: string; readonly deadline?: number } = {},
): PostgresRevocationLog {
  return new PostgresRevocationLog(readPostgresOptions({ client, deadline: 1, ...options }, 30));
}

/** A client whose statements see a clock of the test, in milliseconds. */
export function withClock(client: PostgresClient, now: () => number): PostgresClient {
  return {
    query: (text, values) =>
      client.query(text.replaceAll('clock_timestamp()', `to_timestamp(${now() / 1_000})`), values),
  };
}

/** Takes the only log in a table back to what it was before its last entries, as a failover does. */
function loseLast(
  client: PostgresClient,
  table: string,
): NonNullable<RevocationLogUnderTest['lose']> {
  return async (_issuer, count) => {
    await client.query(
      `DELETE FROM ${table}_revocation WHERE position IN (
        SELECT position FROM ${table}_revocation ORDER BY position DESC LIMIT ${count})`,
      [],
    );
    await client.query(
      `UPDATE ${table}_log SET (head, previous) =
        (SELECT position, previous FROM ${table}_revocation ORDER BY position DESC LIMIT 1)`,
      [],
    );
  };
}

interface Troubles extends Pick<RevocationLogUnderTest, 'demote' | 'hang'> {
  readonly client: PostgresClient;
  readonly another: PostgresClient;
}

let cases = 0;

/** Defines the contract over two clients, with the clock of Postgres or with one that the suite moves. */
export function describeLogOver(
  name: string,
  troubles: () => Troubles,
  clock: 'of Postgres' | 'of the test' = 'of Postgres',
): void {
  const isReal = clock === 'of Postgres';
  describeRevocationLog(
    name,
    async () => {
      const { client, another, ...rest } = troubles();
      const table = `case_${(cases += 1)}`;
      await createTables(client, readTables(table));
      let time = Date.now();
      const open = (one: PostgresClient) =>
        openPostgresLog(isReal ? one : withClock(one, () => time), { table });
      return {
        log: open(client),
        another: () => open(another),
        advance: isReal
          ? undefined
          : (milliseconds) => {
              time += milliseconds;
            },
        lose: loseLast(client, table),
        flush: async () => {
          await client.query(`TRUNCATE ${table}_log, ${table}_revocation`, []);
        },
        ...rest,
      };
    },
    { notShown: isReal ? { advance: 'the clock of Postgres cannot be set' } : {} },
  );
}

/** Runs the contract on a server of its own, directly and behind PgBouncer. */
export function describeLogContract(library: keyof typeof clients): void {
  // A case runs again with longer times when the machine was too slow.
  jest.setTimeout(60_000);

  describePostgres(`Postgres through ${library}`, () => {
    let server: PostgresServer;

    beforeAll(async () => {
      server = await startPostgres();
    }, 60_000);
    afterAll(() => server.close());

    const describeOver = (
      where: string,
      urlOf: () => string,
      clock: 'of Postgres' | 'of the test' = 'of Postgres',
    ) => {
      let opened: OpenPostgres[];
      beforeAll(() => {
        const open = clients[library] as (url: string) => OpenPostgres;
        opened = [open(urlOf()), open(urlOf())];
      });
      afterAll(() => Promise.all(opened.map(({ close }) => close())));

      const troubles = () => {
        const [mine, another] = opened as [OpenPostgres, OpenPostgres];
        return {
          client: mine.client,
          another: another.client,
          demote: async () => {
            await setReadOnly(server, 'on');
            return () => setReadOnly(server, 'off');
          },
          hang: () => {
            server.pause();
            return () => server.resume();
          },
        };
      };
      describeLogOver(`Postgres through ${library}, ${where}`, troubles, clock);
    };

    describe('directly,', () => {
      describeOver('directly,', () => server.url);
    });

    describe('with a clock that is moved', () => {
      describeOver('with a clock that is moved,', () => server.url, 'of the test');
    });

    describeBouncer('behind PgBouncer', () => {
      let bouncer: Bouncer;
      beforeAll(async () => {
        bouncer = await startBouncer(server);
      });
      afterAll(() => bouncer.close());
      describeOver('behind PgBouncer in transaction mode,', () => bouncer.url);
    });
  });
}

// Connections that are open take over the new default when the server has read its files again.
async function setReadOnly(server: PostgresServer, value: 'on' | 'off'): Promise<void> {
  const admin = server.connect();
  await admin.query(`SET default_transaction_read_only = off`);
  await admin.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
  await admin.query('SELECT pg_reload_conf()');
  const isSet = async () =>
    (await server.connect().query('SHOW default_transaction_read_only'))[0]?.[0];
  while ((await isSet()) !== value);
}
