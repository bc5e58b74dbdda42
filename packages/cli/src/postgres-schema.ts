// The command postgres-schema: prints the tables of the Postgres session store and revocation log.

import { postgresSchema } from '@tokenpair/postgres';

import type { CommandIo } from './command-io.js';
import { readNamed, refuseUsage } from './command-line.js';

const schemaHelp = `tokenpair postgres-schema: prints the SQL that creates or completes the tables of @tokenpair/postgres.

  tokenpair postgres-schema | psql "$DATABASE_URL"

  --table NAME    name of the table of sessions, by default tokenpair_session
  --schema NAME   schema of the tables; it must exist. By default the first one in the search_path

To execute it again changes nothing. Exit code: 0 done; 2 a wrong option.
`;

export function printPostgresSchema(argv: readonly string[], io: CommandIo): number {
  const given = readNamed('postgres-schema', argv, { texts: ['table', 'schema'], switches: [] });
  if (given['help']) {
    io.out(schemaHelp);
    return 0;
  }
  io.out(toSql(given['table'], given['schema']));
  return 0;
}

function toSql(table: string | undefined, schema: string | undefined): string {
  try {
    return postgresSchema({ table, schema });
  } catch (error) {
    if (error instanceof TypeError) return refuseUsage(`--${error.message}.`);
    throw error;
  }
}
