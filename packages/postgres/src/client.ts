// Sends a statement with any client that has `query(text, values)`, and reads the answer.

import { codeOf, withoutValues } from './client-error.js';
import { defaultTable, type Tables } from './tables.js';

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
  if (typeof Object(client).then === 'function') {
    throw new TypeError('client is a promise: await it, and pass what it resolves with');
  }
  const isSql = typeof Object(client).unsafe === 'function';
  const cure = isSql
    ? forPostgresJs
    : 'docs/postgres.md has a line for each of the other libraries.';
  throw new TypeError(
    `client must have a method query(text, values), as a Pool of pg has. ${cure}`,
  );
}

const forPostgresJs =
  'With postgres.js: { query: async (text, values) => ({ rows: await sql.unsafe(text, values) }) }';

/** Which tables a statement is for. */
export type Part = 'sessions' | 'revocations';

/** @throws Error a copy of the client's error, or for what an operator must set right, an error that says how. */
export async function sendStatement(
  client: PostgresClient,
  text: string,
  values: string[],
  tables: Tables,
  part: Part,
): Promise<Answer> {
  let rows: readonly unknown[];
  try {
    ({ rows } = await client.query(text, values));
  } catch (error) {
    throw explain(
      withoutValues(error, values),
      adviceOn(codeOf(error), tables, part),
      codeOf(error),
    );
  }
  if (!Array.isArray(rows)) throw new Error('query(text, values) did not answer { rows }');
  const [row = {}] = rows as readonly Answer[];
  if (row['outcome'] === 'standby') throw new Error(needsPrimary(part));
  return row;
}

function explain(cause: Error, advice: string | undefined, code: string | undefined): Error {
  return advice === undefined ? cause : Object.assign(new Error(advice, { cause }), { code });
}

function adviceOn(code = '', { name, schema }: Tables, part: Part): string | undefined {
  const { suffixes, rights } = parts[part];
  const names = suffixes.map((suffix) => name + suffix);
  const all = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const isMissing = missing.has(code);
  if (isMissing || different.has(code)) {
    const options = [
      ...(name === defaultTable ? [] : ['--table', name]),
      ...(schema === undefined ? [] : ['--schema', schema]),
    ];
    const command = ['npx @tokenpair/cli postgres-schema', ...options].join(' ');
    if (!isMissing) {
      return `One of the tables ${all} has another key or another type of column than \`${command}\` prints.`;
    }
    return `One of the tables ${all} does not exist or lacks a column. Execute what \`${command}\` prints, or call migrate().`;
  }
  if (code === '42501') {
    return `The role needs ${rights} on the tables ${all}, and USAGE on their schema.`;
  }
  return code === '25006' ? `The database is read-only. ${needsPrimary(part)}` : undefined;
}

/** A table, a column and a schema. */
const missing = new Set(['42P01', '42703', '3F000']);

/** No such key for ON CONFLICT; no such operator or a wrong type, because a column has another type. */
const different = new Set(['42P10', '42883', '42804']);

const write = 'SELECT, INSERT, UPDATE and DELETE';

const parts = {
  sessions: { what: 'Sessions need', suffixes: ['', '_owner', '_mark'], rights: write },
  revocations: {
    what: 'A revocation log needs',
    suffixes: ['_log', '_revocation'],
    rights: `SELECT, and in a process that issues tokens ${write},`,
  },
};

const needsPrimary = (part: Part) =>
  `${parts[part].what} the primary, not a standby: in a connection with several hosts, set target_session_attrs=read-write.`;
