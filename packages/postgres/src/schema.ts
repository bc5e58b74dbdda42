// The tables, as text for an operator and as statements for `migrate`.

import { checkOptions } from '@tokenpair/core/store';

import { codeOf } from './client-error.js';
import type { PostgresClient } from './client.js';
import { toSchema } from './sql.js';
import { defaultTable, toTables, type Tables } from './tables.js';

/** Where the tables are. */
export interface PostgresSchemaOptions {
  /** Name of the table of sessions, in any case, as it is. The other tables have `_owner`, `_mark`, `_log` and `_revocation` behind it. @defaultValue `'tokenpair_session'` */
  readonly table?: string | undefined;
  /** Name of the schema. It must exist. @defaultValue the first one in the `search_path` of the role */
  readonly schema?: string | undefined;
}

/**
 * The statements that create or complete the tables of {@link PostgresSessionStore} and {@link PostgresRevocations}, as text for `psql`. To run them again changes
 * nothing. `npx @tokenpair/cli postgres-schema` prints the same text.
 *
 * @throws TypeError naming the option that is wrong.
 */
export function postgresSchema(options: PostgresSchemaOptions = {}): string {
  const { table, schema } = checkOptions('postgresSchema', options, ['table', 'schema']);
  return toSchema(readTables(table, schema))
    .map((statement) => `${statement};\n`)
    .join('');
}

/** @throws TypeError a name is not one that Postgres keeps as it is. */
export function readTables(table: unknown = defaultTable, schema?: unknown): Tables {
  return toTables(
    readName('table', table),
    schema === undefined ? undefined : readName('schema', schema),
  );
}

// Postgres cuts a name at 63 bytes, and the names of the other tables and of the index are longer.
function readName(option: string, name: unknown): string {
  if (typeof name === 'string' && /^[A-Za-z_][\w$]{0,49}$/.test(name)) return name;
  throw new TypeError(
    `${option} must be a name of 1 to 50 letters, digits and underscores that does not begin with a digit`,
  );
}

/** Two processes created the same table at the same time. The other one has done it. */
const alreadyDone = new Set(['23505', '42P07', '42710']);

/**
 * Asks before it creates: `CREATE INDEX IF NOT EXISTS` on a table in use stops every write until all open transactions have ended,
 * and a role that may not create tables is refused even when they exist.
 *
 * @throws Error the database cannot hold every text; or what the client rejects with.
 */
export async function createTables(client: PostgresClient, tables: Tables): Promise<void> {
  const encoding = await ask(client, `SELECT current_setting('server_encoding') AS answer`, []);
  if (encoding !== 'UTF8') {
    throw new Error(`The encoding of the database must be UTF8; it is ${String(encoding)}.`);
  }
  for (const statement of toSchema(tables)) {
    const name = nameIn(statement, tables);
    if ((await ask(client, 'SELECT to_regclass($1::text)::text AS answer', [name])) !== null)
      continue;
    try {
      await client.query(statement, []);
    } catch (error) {
      if (!alreadyDone.has(codeOf(error) ?? '')) throw error;
    }
  }
}

async function ask(client: PostgresClient, text: string, values: string[]): Promise<unknown> {
  const { rows } = await client.query(text, values);
  return Object(rows[0]).answer;
}

/** The name of the table or index that a statement creates. An index is in the schema of its table. */
function nameIn(statement: string, { schema }: Tables): string {
  const [, name = ''] = /^CREATE (?:TABLE|INDEX) IF NOT EXISTS (\S+)/.exec(statement) ?? [];
  return schema === undefined || name.includes('.') ? name : `"${schema}".${name}`;
}
