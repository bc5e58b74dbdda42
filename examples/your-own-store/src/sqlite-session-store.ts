// A session store on SQLite with what the contract requires and nothing else. README.md explains it.

import { StoreUnavailableError } from '@tokenpair/core';
import type { SessionRecord, SessionSnapshot, SessionStore } from '@tokenpair/core/store';
import type { Database } from 'node-sqlite3-wasm';

const schema = `
  CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, subject TEXT NOT NULL, rotated_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL, record TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS sessions_of_subject ON sessions (subject, rotated_at);
  CREATE INDEX IF NOT EXISTS sessions_by_end ON sessions (ends_at)`;

export class SqliteSessionStore implements SessionStore {
  readonly #database: Database;
  readonly #clock: () => number;

  constructor(database: Database, clock: () => number = Date.now) {
    this.#database = database;
    this.#clock = clock;
    database.exec(schema);
  }

  readonly create: SessionStore['create'] = async (session, { max, onLimit }) =>
    this.#atomically((now) => {
      const there = this.#find(session.sessionId, now);
      if (there?.attempt === session.attempt) {
        return { outcome: 'created', session: there, evicted: [] };
      }
      const evicted = this.#idsOf(session.subject)
        .slice(max - 1)
        .toReversed();
      if (evicted.length > 0 && onLimit === 'reject') {
        return { outcome: 'refused', reason: 'limit' };
      }
      for (const sessionId of evicted) this.#remove(sessionId);
      const { absoluteLifetime, ...given } = session;
      const instants = { createdAt: now, rotatedAt: now, anchorAt: now };
      const record = { ...given, ...instants, confirmed: false, expiresAt: now + absoluteLifetime };
      this.#write(record);
      return { outcome: 'created', session: { ...record, asOf: now }, evicted };
    });

  readonly rotate: SessionStore['rotate'] = async (sessionId, expect, { moveAnchor, ...next }) =>
    this.#atomically((now) => {
      const session = this.#find(sessionId, now);
      if (!session) return { outcome: 'absent' };
      const { generation, secretHash, olderThan = -1 } = expect;
      const isExpected = session.generation === generation && session.secretHash === secretHash;
      if (!isExpected || Math.abs(now - session.rotatedAt) <= olderThan) {
        return { outcome: 'conflict', session };
      }
      const anchorAt = moveAnchor ? now : session.anchorAt;
      const swapped = { ...session, ...next, confirmed: false, rotatedAt: now, anchorAt };
      this.#write(swapped);
      return { outcome: 'swapped', session: swapped };
    });

  readonly get: SessionStore['get'] = async (sessionId) =>
    this.#atomically((now) => this.#find(sessionId, now));

  readonly revoke: SessionStore['revoke'] = async (sessionId) =>
    this.#atomically(() => this.#remove(sessionId));

  readonly revokeSubject: SessionStore['revokeSubject'] = async (subject, except) =>
    this.#atomically(() => this.#idsOf(subject).filter((id) => id !== except && this.#remove(id)));

  readonly list: SessionStore['list'] = async (subject) =>
    this.#atomically((now) => this.#idsOf(subject).flatMap((id) => this.#find(id, now) ?? []));

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

  /** IDs of a subject's sessions, the most recently refreshed first. */
  #idsOf(subject: string): string[] {
    const ids = 'SELECT id FROM sessions WHERE subject = ? ORDER BY rotated_at DESC';
    return this.#database.all(ids, keyOf(subject)).map((row) => row['id'] as string);
  }

  #remove(sessionId: string): boolean {
    return this.#database.run('DELETE FROM sessions WHERE id = ?', sessionId).changes > 0;
  }

  #write(record: SessionRecord): void {
    const { sessionId, subject, rotatedAt, idleLifetime, expiresAt } = record;
    const endsAt = Math.min(rotatedAt + idleLifetime, expiresAt);
    const row = [sessionId, keyOf(subject), rotatedAt, endsAt, JSON.stringify(record)];
    this.#database.run('REPLACE INTO sessions VALUES (?, ?, ?, ?, ?)', row);
  }
}

// SQLite ends a text at a NUL, which a subject may contain. JSON escapes it.
function keyOf(subject: string): string {
  return JSON.stringify(subject);
}
