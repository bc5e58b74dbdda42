// The session store on Postgres. Every step is one statement and one round trip.

import {
  checkOptions,
  ownerTag,
  StoreUnavailableError,
  toSeconds,
  withDeadline,
  type Change,
  type CreateResult,
  type Duration,
  type Expected,
  type NewSession,
  type SessionLimit,
  type SessionSnapshot,
  type SessionStore,
  type SwapResult,
} from '@tokenpair/core/store';

import { codeOf } from './client-error.js';
import { requireClient, sendStatement, type Answer, type PostgresClient, type Value } from './client.js';
import { readList, readSession, writeOwner } from './record.js';
import { createTables, readTables, type PostgresSchemaOptions } from './schema.js';
import { toStatements, type Statements, type Tables } from './sql.js';

/** Options of {@link PostgresSessionStore}. */
export interface PostgresSessionStoreOptions extends PostgresSchemaOptions {
  /** A `Pool` of pg 8, or another object with `query(text, values)`. Always on the primary. Close it yourself. */
  readonly client: PostgresClient;
  /** Maximum time for each step: 0.01 seconds to 1 hour, fractions of a second too. @defaultValue 1 (second) */
  readonly deadline?: Duration | undefined;
  /**
   * How often this process removes sessions that have ended, at least 1 second; `false`: never, because something else calls
   * {@link PostgresSessionStore.removeEnded}. @defaultValue `'10m'`
   */
  readonly removalInterval?: Duration | false | undefined;
}

const optionNames = ['client', 'table', 'schema', 'deadline', 'removalInterval'];

/** Rows that one statement of a removal looks at. */
const batch = 1_000;

/** A serialization failure and a deadlock: Postgres has undone the statement for another one's sake. */
const isUndone = (error: unknown) => ['40001', '40P01'].includes(codeOf(error) ?? '');

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
export class PostgresSessionStore implements SessionStore {
  readonly #client: PostgresClient;
  readonly #tables: Tables;
  readonly #statements: Statements;
  /** Milliseconds. */
  readonly #deadline: number;
  readonly #timer: NodeJS.Timeout | undefined;
  /** The last login or revocation of each owner that has one under way. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #repeats = 0;
  #hasWarned = false;

  constructor(options: PostgresSessionStoreOptions) {
    if (typeof Object(options).query === 'function') {
      throw new TypeError(
        'PostgresSessionStore takes options; got a client. Pass it as a member: new PostgresSessionStore({ client }).',
      );
    }
    const checked = checkOptions('PostgresSessionStore', options, optionNames);
    const { client, table, schema, deadline = 1, removalInterval = '10m' } = checked;
    requireClient(client);
    this.#client = client;
    this.#tables = readTables(table, schema);
    this.#statements = toStatements(this.#tables);
    const bounds = { min: 0.01, max: 3_600, fractions: true };
    this.#deadline = toSeconds('deadline', deadline, bounds) * 1_000;
    if (removalInterval === false) return;
    // A timer of Node.js takes at most 2 ** 31 milliseconds.
    const interval = toSeconds('removalInterval', removalInterval, { max: 86_400 }) * 1_000;
    this.#timer = setInterval(() => void this.#removeInBackground(), interval).unref();
  }

  /** How many statements were sent again: after a serialization failure, a deadlock, or a login that met another one. */
  get repeats(): number {
    return this.#repeats;
  }

  async create(session: NewSession, limit: SessionLimit): Promise<CreateResult> {
    const { sessionId, owner, generation, secretHash, state, data } = session;
    const { idleLifetime, absoluteLifetime } = session;
    const { max, onLimit, replaces = '' } = limit;
    const tag = ownerTag(owner);
    const half = [String(generation), secretHash, state, data];
    const lifetimes = [String(idleLifetime), String(absoluteLifetime)];
    const values = [sessionId, writeOwner(owner), tag, ...half, ...lifetimes, String(max), onLimit, replaces];
    let answer: Answer;
    try {
      answer = await this.#inTurn(tag, this.#statements.create, values);
    } catch (error) {
      // The disk of the database is full, and nothing has been written.
      if (codeOf(error) === '53100') return { outcome: 'refused', reason: 'full' };
      throw error;
    }
    const { outcome, session: created, evicted, replaced } = answer;
    if (outcome === 'limit') return { outcome: 'refused', reason: 'limit' };
    if (outcome === 'taken') throw unavailable(new Error('another live session has this ID'));
    const ids = readList(evicted).map(String);
    return { outcome: 'created', session: read(created), evicted: ids, replaced: replaced === true };
  }

  async get(sessionId: string): Promise<SessionSnapshot | undefined> {
    const { session } = await this.#ask(this.#statements.get, [sessionId]);
    return session === null ? undefined : read(session);
  }

  async swap(sessionId: string, expect: Expected, next: Change): Promise<SwapResult> {
    const { token } = next;
    const { outcome, session } = await this.#ask(this.#statements.swap, [
      sessionId,
      toValue(expect.generation),
      toValue(expect.secretHash),
      toValue(expect.confirmed),
      toValue(expect.data),
      toValue(expect.olderThan),
      toValue(token?.generation),
      toValue(token?.secretHash),
      toValue(token?.state),
      toValue(next.data),
      toValue(next.idleLifetime),
      toValue(next.expiresAt),
    ]);
    if (outcome === 'absent') return { outcome };
    return { outcome: outcome === 'swapped' ? outcome : 'conflict', session: read(session) };
  }

  async confirm(sessionId: string, generation: number): Promise<void> {
    const { session } = await this.#ask(this.#statements.confirm, [sessionId, String(generation)]);
    if (session !== null) read(session);
  }

  async revoke(sessionId: string): Promise<boolean> {
    const { ended } = await this.#ask(this.#statements.revoke, [sessionId]);
    return ended === true;
  }

  async revokeOwner(owner: string, except = ''): Promise<readonly string[]> {
    const tag = ownerTag(owner);
    const values = [writeOwner(owner), tag, except];
    const { ended } = await this.#inTurn(tag, this.#statements.revokeOwner, values);
    return readList(ended).map(String);
  }

  async list(owner: string): Promise<readonly SessionSnapshot[]> {
    const values = [writeOwner(owner), ownerTag(owner)];
    const { sessions } = await this.#ask(this.#statements.list, values);
    return readList(sessions).map(read);
  }

  /**
   * Creates the tables, or completes those of an older version, and does nothing otherwise. The role must be allowed to create
   * tables. Processes may call it at the same time. What it executes is {@link postgresSchema}.
   *
   * @throws Error the encoding of the database is not UTF8; or what the client rejects with.
   */
  async migrate(): Promise<void> {
    await createTables(this.#client, this.#tables);
  }

  /**
   * Removes the rows of sessions that have ended, in statements that look at 1 000 rows each and wait for no lock, until none is
   * due. Every session that it removes was absent to every method before.
   *
   * @returns how many it removed.
   * @throws StoreUnavailableError a statement failed. What was removed before stays removed.
   */
  async removeEnded(): Promise<number> {
    const { looked, removed } = await this.#ask(this.#statements.removeEnded, [String(batch)]);
    if (Number(looked) === batch) return Number(removed) + (await this.removeEnded());
    // From another place each time: the table of owners is looked through bit by bit.
    const anyTag = ownerTag(String(Math.random()));
    await this.#ask(this.#statements.removeOwners, [anyTag, String(batch)]);
    return Number(removed);
  }

  /** Ends the timer of `removalInterval`. The client stays open. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
  }

  #ask(text: string, values: Value[]): Promise<Answer> {
    return this.#inTime((end) => this.#send(text, values, end));
  }

  // The database would put them in a row too, but each would hold a connection while it waits.
  #inTurn(tag: string, text: string, values: Value[]): Promise<Answer> {
    return this.#inTime(async (end) => {
      const before = this.#turns.get(tag);
      const mine = (async () => {
        await before;
        return this.#send(text, values, end);
      })();
      // A statement that is never answered must not stop the logins after it.
      const settled = withDeadline(mine, this.#deadline).then(noop, noop);
      this.#turns.set(tag, settled);
      try {
        return await mine;
      } finally {
        if (this.#turns.get(tag) === settled) this.#turns.delete(tag);
      }
    });
  }

  /** Sends a statement, again and again while Postgres undoes it and there is time. */
  async #send(text: string, values: Value[], end: number): Promise<Answer> {
    for (;;) {
      if (performance.now() >= end) throw new Error('there was no time left to send the statement');
      const answer = await sendStatement(this.#client, text, values, this.#tables.name).catch(
        (error: unknown) => {
          if (isUndone(error)) return { outcome: 'again' };
          throw error;
        },
      );
      if (answer['outcome'] !== 'again') return answer;
      this.#repeats += 1;
    }
  }

  async #inTime(step: (end: number) => Promise<Answer>): Promise<Answer> {
    try {
      return await withDeadline(step(performance.now() + this.#deadline), this.#deadline);
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  async #removeInBackground(): Promise<void> {
    try {
      await this.removeEnded();
      this.#hasWarned = false;
    } catch (error) {
      if (this.#hasWarned) return;
      this.#hasWarned = true;
      const { message = '' } = Object(Object(error).cause);
      process.emitWarning(`PostgresSessionStore could not remove ended sessions: ${message}`, {
        type: 'TokenpairWarning',
        code: 'TOKENPAIR_REMOVAL_FAILED',
      });
    }
  }
}

function toValue(value: string | number | undefined): Value {
  return value === undefined ? null : String(value);
}

function read(session: unknown): SessionSnapshot {
  try {
    return readSession(session);
  } catch (cause) {
    throw unavailable(cause);
  }
}

function unavailable(cause: unknown): StoreUnavailableError {
  return new StoreUnavailableError({ cause });
}

function noop(): void {}
