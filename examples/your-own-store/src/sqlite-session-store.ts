// A session store on SQLite with what the contract requires and nothing else. README.md explains it.

import { StoreUnavailableError } from '@tokenpair/core';
import type { SessionRecord, SessionSnapshot, SessionStore } from '@tokenpair/core/store';
import type { Database } from 'node-sqlite3-wasm';

const schema = `
  CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, owner TEXT NOT NULL, rotated_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL, record TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS raised (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS sessions_of_owner ON sessions (owner, rotated_at);
  CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (ends_at)`;

export class SqliteSessionStore implements SessionStore {
  readonly #database: Database;
  readonly #clock: () => number;

  constructor(database: Database, clock: () => number = Date.now) {
    this.#database = database;
    this.#clock = clock;
    database.exec(schema);
  }

  readonly create: SessionStore['create'] = async (session, { max, onLimit, replaces }) =>
    this.#atomically((now) => {
      const there = this.#find(session.sessionId, now);
      if (there?.secretHash === session.secretHash) {
        return { outcome: 'created', session: there, evicted: [], replaced: false };
      }
      const ids = this.#idsOf(session.owner);
      const replaced = ids.filter((id) => id === replaces);
      const others = ids.filter((id) => id !== replaces);
      const evicted = others.slice(max - 1).toReversed();
      const isFull = evicted.length > 0 && onLimit === 'reject';
      if (isFull) return { outcome: 'refused', reason: 'limit' };
      for (const sessionId of [...replaced, ...evicted]) this.#remove(sessionId);
      const { absoluteLifetime, ...given } = session;
      const expiresAt = now + absoluteLifetime;
      const times = { createdAt: now, rotatedAt: now, expiresAt, asOf: now };
      const created = { ...given, ...times, confirmed: 0 };
      this.#write('INSERT', created);
      return { outcome: 'created', session: created, evicted, replaced: replaced.length > 0 };
    });

  readonly get: SessionStore['get'] = async (sessionId) =>
    this.#atomically((now) => this.#find(sessionId, now));

  readonly swap: SessionStore['swap'] = async (sessionId, expect, { token, ...sessionHalf }) =>
    this.#atomically((now) => {
      const session = this.#find(sessionId, now);
      if (!session) return { outcome: 'absent' };
      const { olderThan = -1, ...members } = expect;
      const names = Object.keys(members) as (keyof typeof members)[];
      const isExpected = names.every((name) => members[name] === session[name]);
      const isOldEnough = Math.abs(now - session.rotatedAt) > olderThan;
      if (!isExpected || !isOldEnough) return { outcome: 'conflict', session };
      const swapped = { ...session, ...sessionHalf, ...(token && { ...token, rotatedAt: now }) };
      this.#write('REPLACE', swapped);
      return { outcome: 'swapped', session: swapped };
    });

  readonly confirm: SessionStore['confirm'] = async (sessionId, generation) =>
    this.#atomically((now) => {
      const session = this.#find(sessionId, now);
      if (!session || generation > session.generation + 1) return;
      this.#write('REPLACE', { ...session, confirmed: Math.max(session.confirmed, generation) });
    });

  readonly revoke: SessionStore['revoke'] = async (sessionId) =>
    this.#atomically(() => this.#remove(sessionId));

  readonly revokeOwner: SessionStore['revokeOwner'] = async (owner, except) =>
    this.#atomically(() => this.#idsOf(owner).filter((id) => id !== except && this.#remove(id)));

  readonly list: SessionStore['list'] = async (owner) =>
    this.#atomically((now) => this.#idsOf(owner).flatMap((id) => this.#find(id, now) ?? []));

  readonly raise: SessionStore['raise'] = async (name, value) =>
    this.#atomically(() => {
      const insert = 'INSERT INTO raised VALUES (?, ?) ON CONFLICT DO UPDATE';
      this.#database.run(`${insert} SET value = max(value, excluded.value)`, [name, value]);
      return Number(this.#database.get('SELECT value FROM raised WHERE name = ?', name)?.['value']);
    });

  /** Runs a step in one transaction. It first deletes the expired sessions. */
  #atomically<T>(step: (now: number) => T): T {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const now = this.#clock();
      this.#database.run('DELETE FROM sessions WHERE ends_at <= ?', now);
      const result = step(now);
      this.#database.exec('COMMIT');
      return result;
    } catch (cause) {
      if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
      throw new StoreUnavailableError({ cause });
    }
  }

  #find(sessionId: string, asOf: number): SessionSnapshot | undefined {
    const row = this.#database.get('SELECT record FROM sessions WHERE id = ?', sessionId);
    return row ? { ...(JSON.parse(row['record'] as string) as SessionRecord), asOf } : undefined;
  }

  /** IDs of an owner's sessions, the most recently rotated first. */
  #idsOf(owner: string): string[] {
    const ids = 'SELECT id FROM sessions WHERE owner = ? ORDER BY rotated_at DESC';
    return this.#database.all(ids, keyOf(owner)).map((row) => row['id'] as string);
  }

  #remove(sessionId: string): boolean {
    return this.#database.run('DELETE FROM sessions WHERE id = ?', sessionId).changes > 0;
  }

  #write(how: 'INSERT' | 'REPLACE', record: SessionRecord): void {
    const { sessionId, owner, rotatedAt, idleLifetime, expiresAt } = record;
    const endsAt = Math.min(rotatedAt + idleLifetime, expiresAt);
    const row = [sessionId, keyOf(owner), rotatedAt, endsAt, JSON.stringify(record)];
    this.#database.run(`${how} INTO sessions VALUES (?, ?, ?, ?, ?)`, row);
  }
}

// SQLite ends a text at a NUL, which an owner may contain. JSON escapes it.
function keyOf(owner: string): string {
  return JSON.stringify(owner);
}
