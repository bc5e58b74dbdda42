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
import { sendStatement, type Answer, type PostgresClient } from './client.js';
import { readPostgresOptions, requireClientMember } from './postgres-options.js';
import { isFit, isLive, readRows } from './record.js';
import { sendUntilDone } from './repeat.js';
import { createTables, type PostgresSchemaOptions } from './schema.js';
import { toStatements, type Statements } from './sql.js';
import type { Tables } from './tables.js';
import { escapeText, hashOf } from './text.js';
import { createTurns, type InTurn } from './turns.js';

/** Options of {@link PostgresSessionStore}. */
export interface PostgresSessionStoreOptions extends PostgresSchemaOptions {
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

const optionNames = ['client', 'table', 'schema', 'deadline', 'removalInterval'];

/** Rows that one statement of a removal looks at. */
const batch = 1_000;

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
  /** Logins and revocations of one owner come one after the other. */
  readonly #inTurn: InTurn;
  #repeats = 0;
  #hasWarned = false;
  #isClosed = false;

  constructor(options: PostgresSessionStoreOptions) {
    requireClientMember('PostgresSessionStore', options);
    const checked = checkOptions('PostgresSessionStore', options, optionNames);
    const { removalInterval = '10m' } = checked;
    const { client, tables, deadline } = readPostgresOptions(checked, 3_600);
    this.#client = client;
    this.#tables = tables;
    this.#statements = toStatements(tables);
    this.#deadline = deadline;
    // A moment longer: what has waited for the whole of it has given up, and is not sent any more.
    this.#inTurn = createTurns(deadline + 20);
    if (removalInterval === false) return;
    // A timer of Node.js takes at most 2 ** 31 milliseconds.
    const bounds = { max: 86_400, maxNumber: 86_400 };
    const interval = toSeconds('removalInterval', removalInterval, bounds) * 1_000;
    this.#timer = setInterval(() => void this.#removeInBackground(), interval).unref();
  }

  /** How many statements were sent again: they had met another one that changed the same session, or the sessions of the same owner. */
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
    const values = [
      sessionId,
      escapeText(owner),
      tag,
      ...half,
      ...lifetimes,
      String(max),
      onLimit,
      replaces,
    ];
    let answer: Answer;
    try {
      answer = await this.#askInTurn(tag, this.#statements.create, values);
    } catch (error) {
      // The disk of the database is full, and nothing has been written.
      if (codeOf(error) === '53100') return { outcome: 'refused', reason: 'full' };
      throw error;
    }
    const { outcome, evicted, replaced } = answer;
    if (outcome === 'limit') return { outcome: 'refused', reason: 'limit' };
    const created = read(answer);
    if (created === undefined) throw unavailable(new Error('another live session has this ID'));
    return {
      outcome: 'created',
      session: created,
      evicted: toIds(evicted),
      replaced: replaced === replaces,
    };
  }

  async get(sessionId: string): Promise<SessionSnapshot | undefined> {
    return read(await this.#ask(this.#statements.get, [sessionId]));
  }

  async swap(sessionId: string, expect: Expected, next: Change): Promise<SwapResult> {
    const { text, values } = this.#statements.swap(sessionId, expect, next);
    // A record that fits and was not changed has been changed by another statement meanwhile.
    const answer = await this.#ask(
      text,
      values,
      (one) => one['swapped'] === null && isFit(expect, read(one)),
    );
    const [swapped] = readRows(answer['swapped'], answer['time']);
    if (swapped !== undefined) {
      // The time of a rotation is that of its record.
      const asOf = next.token ? swapped.rotatedAt : swapped.asOf;
      return { outcome: 'swapped', session: { ...swapped, asOf } };
    }
    const session = read(answer);
    return session === undefined ? { outcome: 'absent' } : { outcome: 'conflict', session };
  }

  async confirm(sessionId: string, generation: number): Promise<void> {
    read(await this.#ask(this.#statements.confirm, [sessionId, String(generation)]));
  }

  async revoke(sessionId: string): Promise<boolean> {
    const { outcome } = await this.#ask(this.#statements.revoke, [sessionId]);
    return outcome === 'ended';
  }

  async revokeOwner(owner: string, except = ''): Promise<readonly string[]> {
    const tag = ownerTag(owner);
    const values = [escapeText(owner), tag, except];
    const { evicted } = await this.#askInTurn(tag, this.#statements.revokeOwner, values);
    return toIds(evicted);
  }

  async list(owner: string): Promise<readonly SessionSnapshot[]> {
    const values = [escapeText(owner), ownerTag(owner)];
    const { session, time } = await this.#ask(this.#statements.list, values);
    return readRows(session, time);
  }

  async raise(name: string, value: number): Promise<number> {
    const values = [hashOf(name), escapeText(name), String(value)];
    const { value: raised } = await this.#ask(this.#statements.raise, values);
    if (!/^\d+$/.test(raised ?? '')) throw unavailable(new Error('the answer is not a number'));
    return Number(raised);
  }

  /**
   * Creates the tables, or completes those of an older version. The role must be allowed to create tables then. When all are there, it
   * locks nothing and needs no such right. Processes may call it at the same time. What it executes is {@link postgresSchema}.
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
    this.#isClosed = true;
    clearInterval(this.#timer);
  }

  #ask(text: string, values: string[], hasMet?: (answer: Answer) => boolean): Promise<Answer> {
    return this.#inTime((end) => this.#send(text, values, end, hasMet));
  }

  #askInTurn(tag: string, text: string, values: string[]): Promise<Answer> {
    return this.#inTime((end) => this.#inTurn(tag, () => this.#send(text, values, end)));
  }

  /** Sends a statement, and again while it has met another one and there is time. */
  async #send(
    text: string,
    values: string[],
    end: number,
    hasMet: (answer: Answer) => boolean = ({ outcome }) => outcome === 'again',
  ): Promise<Answer> {
    const send = () => sendStatement(this.#client, text, values, this.#tables, 'sessions');
    const onRepeat = () => {
      this.#repeats += 1;
    };
    return sendUntilDone(send, { end, hasMet, onRepeat });
  }

  async #inTime(step: (end: number) => Promise<Answer>): Promise<Answer> {
    try {
      return await withDeadline(step(performance.now() + this.#deadline), this.#deadline);
    } catch (cause) {
      throw cause instanceof StoreUnavailableError ? cause : unavailable(cause);
    }
  }

  async #removeInBackground(): Promise<void> {
    try {
      await this.removeEnded();
      this.#hasWarned = false;
    } catch (error) {
      // A removal that the end of the application cuts off is no failure.
      if (this.#hasWarned || this.#isClosed) return;
      this.#hasWarned = true;
      const { message = '' } = Object(Object(error).cause);
      process.emitWarning(`PostgresSessionStore could not remove ended sessions: ${message}`, {
        type: 'TokenpairWarning',
        code: 'TOKENPAIR_REMOVAL_FAILED',
      });
    }
  }
}

/** The record of an answer, unless its session has ended. */
function read({ session, time }: Answer): SessionSnapshot | undefined {
  return readRows(session, time).find(isLive);
}

function toIds(list: string | null | undefined): readonly string[] {
  const ids: readonly string[] = JSON.parse(list ?? '[]');
  return ids;
}

function unavailable(cause: unknown): StoreUnavailableError {
  return new StoreUnavailableError({ cause });
}
