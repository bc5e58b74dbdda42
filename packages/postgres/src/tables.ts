// The names of the tables.

/** Names of the tables, quoted. */
export interface Tables {
  readonly session: string;
  /** One row per owner, whose lock puts the logins of the owner in a row. */
  readonly owner: string;
  /** One row per number that `raise` keeps. */
  readonly mark: string;
  /** The revocation log: one row per issuer, and one per entry. */
  readonly log: string;
  readonly revocation: string;
  /** Names of the table of sessions and of its schema, without quotes. */
  readonly name: string;
  readonly schema: string | undefined;
}

export const defaultTable = 'tokenpair_session';

export function toTables(table: string, schema: string | undefined): Tables {
  const prefix = schema === undefined ? '' : `"${schema}".`;
  return {
    session: `${prefix}"${table}"`,
    owner: `${prefix}"${table}_owner"`,
    mark: `${prefix}"${table}_mark"`,
    log: `${prefix}"${table}_log"`,
    revocation: `${prefix}"${table}_revocation"`,
    name: table,
    schema,
  };
}
