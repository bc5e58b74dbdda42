// Sends a statement with any client that has `query(text, values)`, and reads the answer.

import { codeOf, withoutValues } from './client-error.js';

/**
 * What sends the statements: a `Pool` of pg, a PGlite, a pool of Neon or Vercel, or an object with this one method over another
 * library. The application connects it and closes it.
 */
export interface PostgresClient {
  query(text: string, values: string[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The first row of an answer; empty for no row. */
export type Answer = Readonly<Record<string, string | null | undefined>>;

/** @throws TypeError it has no method `query`. */
export function requireClient(client: unknown): void {
  if (typeof Object(client).query === 'function') return;
  const isSql = typeof Object(client).unsafe === 'function';
  throw new TypeError(
    `client must have a method query(text, values), as a Pool of pg has${isSql ? `. ${forPostgresJs}` : ''}`,
  );
}

const forPostgresJs =
  'With postgres.js: { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) }';

/** @throws Error a copy of the client's error, or for what an operator must set right, an error that says how. */
export async function sendStatement(
  client: PostgresClient,
  text: string,
  values: string[],
  table: string,
): Promise<Answer> {
  let rows: readonly unknown[];
  try {
    ({ rows } = await client.query(text, values));
  } catch (error) {
    throw explain(withoutValues(error, values), codeOf(error), table);
  }
  if (!Array.isArray(rows)) throw new Error('query(text, values) did not answer { rows }');
  const [row = {}] = rows as readonly Answer[];
  if (row['outcome'] === 'standby') throw new Error(isStandby);
  return row;
}

function explain(cause: Error, code: string | undefined, table: string): Error {
  const advice = adviceOn(code, table);
  return advice === undefined ? cause : Object.assign(new Error(advice, { cause }), { code });
}

function adviceOn(code: string | undefined, table: string): string | undefined {
  const command = `npx @tokenpair/cli postgres-schema${table === 'tokenpair_session' ? '' : ` --table ${table}`}`;
  switch (code) {
    case '42P01':
    case '42703':
    case '3F000':
      return `The table ${table} or ${table}_owner does not exist or lacks a column. Execute what \`${command}\` prints, or call migrate().`;
    case '42501':
      return `The role needs SELECT, INSERT, UPDATE and DELETE on the tables ${table} and ${table}_owner, and USAGE on their schema.`;
    case '25006':
      return `${isStandby} A primary with default_transaction_read_only gives the same error.`;
    default:
      return undefined;
  }
}

const isStandby =
  'The client is connected to a standby, and sessions need the primary. In a connection with several hosts, set target_session_attrs=read-write.';
