import {
  SessionStore,
  Duration,
  NewSession,
  SessionLimit,
  CreateResult,
  SessionSnapshot,
  Expected,
  Change,
  SwapResult,
  LogRevocations,
  FollowOptions,
} from '@tokenpair/core/store';

/**
 * What sends the statements: a `Pool` of pg, a PGlite, a pool of Neon or Vercel, or an object with this one method over another
 * library. The application connects it and closes it.
 */
interface PostgresClient {
  query(
    text: string,
    values: string[],
  ): Promise<{
    readonly rows: readonly unknown[];
  }>;
}

/** Where the tables are. */
interface PostgresSchemaOptions {
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
declare function postgresSchema(options?: PostgresSchemaOptions): string;

/** Options of {@link PostgresSessionStore}. */
interface PostgresSessionStoreOptions extends PostgresSchemaOptions {
  /** A `Pool` of pg 8, or another object with `query(text, values)`. Always on the primary. Close it yourself. */
  readonly client: PostgresClient;
  /** Maximum time for each step: 0.01 seconds to 1 hour, fractions of a second too; above a minute as text. @defaultValue 1 (second) */
  readonly deadline?: Duration | undefined;
  /**
   * How often this process removes sessions that have ended, at least 1 second; `false`: never, because something else calls
   * {@link PostgresSessionStore.removeEnded}. @defaultValue `'10m'`
   */
  readonly removalInterval?: Duration | false | undefined;
}
/**
 * Keeps sessions in Postgres 13 or newer: all processes share them, and they are durable. Works behind PgBouncer in transaction
 * mode and in every isolation level.
 *
 * Every step is one statement. Time is that of the database. Logins of one owner at the same time come one after the other: the row
 * of the owner is locked inside the statement, and a login that has met another one is sent again.
 *
 * Every method rejects with {@link StoreUnavailableError} (503) when Postgres fails, is slower than `deadline`, is a standby, or
 * holds something else than a session record. A statement that is late may still be carried out.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare class PostgresSessionStore implements SessionStore {
  #private;
  constructor(options: PostgresSessionStoreOptions);
  /** How many statements were sent again: they had met another one that changed the same session, or the sessions of the same owner. */
  get repeats(): number;
  create(session: NewSession, limit: SessionLimit): Promise<CreateResult>;
  get(sessionId: string): Promise<SessionSnapshot | undefined>;
  swap(sessionId: string, expect: Expected, next: Change): Promise<SwapResult>;
  confirm(sessionId: string, generation: number): Promise<void>;
  revoke(sessionId: string): Promise<boolean>;
  revokeOwner(owner: string, except?: string): Promise<readonly string[]>;
  list(owner: string): Promise<readonly SessionSnapshot[]>;
  raise(name: string, value: number): Promise<number>;
  /**
   * Creates the tables, or completes those of an older version. The role must be allowed to create tables then. When all are there, it
   * locks nothing and needs no such right. Processes may call it at the same time. What it executes is {@link postgresSchema}.
   *
   * @throws Error the encoding of the database is not UTF8; or what the client rejects with.
   */
  migrate(): Promise<void>;
  /**
   * Removes the rows of sessions that have ended, in statements that look at 1 000 rows each and wait for no lock, until none is
   * due. Every session that it removes was absent to every method before.
   *
   * @returns how many it removed.
   * @throws StoreUnavailableError a statement failed. What was removed before stays removed.
   */
  removeEnded(): Promise<number>;
  /** Ends the timer of `removalInterval`. The client stays open. */
  close(): Promise<void>;
}

/** Options of {@link PostgresRevocations}. */
interface PostgresRevocationsOptions extends FollowOptions, PostgresSchemaOptions {
  /** A `Pool` of pg 8, or another object with `query(text, values)`. Always on the primary. Close it yourself. */
  readonly client: PostgresClient;
  /** Maximum time for each step: 0.01 to 3 seconds, fractions of a second too. @defaultValue 1 (second) */
  readonly deadline?: Duration | undefined;
  /**
   * Pause between two reads of the log: 0.02 to 5 seconds, fractions of a second too. @defaultValue `0.25` (seconds)
   */
  readonly pollInterval?: Duration | undefined;
}
/**
 * Keeps the revocation log of an issuer in Postgres 13 or newer: a logout in one process holds in all of them about
 * `pollInterval` later. Works behind PgBouncer in transaction mode and in every isolation level.
 *
 * Give one object to `createTokenIssuer`, which announces, and one in each other process to `createTokenVerifier`, which reads. The
 * tables are created by {@link postgresSchema}. A process that only verifies needs no right but `SELECT` on the two tables with
 * `_log` and `_revocation` behind the name.
 *
 * Every step is one statement. Always on the primary: a standby counts as no contact. With asynchronous replication a failover may
 * lose entries; the issuers that had read them append them again.
 *
 * @throws TypeError naming the option that is wrong.
 * @example
 * ```ts
 * const revocations = new PostgresRevocations({ client: pool });
 * const tokens = createTokenIssuer({ issuer, audience, keys, refreshKeys, store, revocations });
 * await revocations.ready({ within: 10 });
 * ```
 */
declare class PostgresRevocations extends LogRevocations {
  constructor(options: PostgresRevocationsOptions);
}

export { PostgresRevocations, PostgresSessionStore, postgresSchema };
export type {
  PostgresClient,
  PostgresRevocationsOptions,
  PostgresSchemaOptions,
  PostgresSessionStoreOptions,
};
