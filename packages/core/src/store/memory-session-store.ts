// The session store in the memory of one process.

import cluster from 'node:cluster';

import { readClock, systemClock, type Clock } from '../hooks/clock.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { checkOptions, requireCount, requireFunction } from '../lib/options.js';
import { requireWellFormed } from '../lib/subject.js';
import { warnOnce } from '../lib/warn-once.js';
import type {
  CreateResult,
  ExpectedGeneration,
  NewSession,
  NextGeneration,
  RotateResult,
  SessionLimit,
  SessionRecord,
  SessionSnapshot,
  SessionStore,
} from './session-store.js';

/** Options of {@link MemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /** Maximum number of all sessions, 1 to 10 000 000. A login beyond it gets 503 `store_full`. @defaultValue 100 000 */
  readonly capacity?: number | undefined;
  /** Time between two removals of sessions that have ended, 1 second to 1 day. @defaultValue `'1m'` (1 minute) */
  readonly sweepInterval?: Duration | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Sessions that a login into a full store looks at. It takes well under a millisecond. */
const maxLooks = 1_000;

/**
 * Keeps sessions in the memory of this process: they end with it, and other processes do not see them. For development,
 * tests and services of one process. In production, in a cluster and under a process manager it emits one process warning.
 *
 * A full store refuses further logins. It never evicts a live session of another subject: that would sign a user out, and
 * an attacker could cause it by signing in often.
 */
export class MemorySessionStore implements SessionStore {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #sessions = new Map<string, SessionRecord>();
  /** The session IDs of each subject, the oldest login first. */
  readonly #bySubject = new Map<string, Set<string>>();
  readonly #sweeper: NodeJS.Timeout;
  /** Where the next search for a session that has ended goes on. */
  #search: MapIterator<SessionRecord> | undefined;

  /** @throws TypeError naming the option that is wrong. */
  constructor(options: MemorySessionStoreOptions = {}) {
    const {
      capacity = 100_000,
      sweepInterval = '1m',
      clock = systemClock,
    } = checkOptions('MemorySessionStore', options, ['capacity', 'sweepInterval', 'clock']);
    requireCount('capacity', capacity, 10_000_000);
    requireFunction('clock', clock);
    this.#clock = clock;
    this.#capacity = capacity;
    // One timer for all sessions. One for each would overflow with lifetimes of more than 24.8 days.
    this.#sweeper = setInterval(
      () => this.#sweep(),
      toSeconds('sweepInterval', sweepInterval, { max: 86_400 }) * 1_000,
    ).unref();
    warnThatSessionsArePerProcess();
  }

  // The methods are async so that an error becomes a rejection. None of them awaits, so each is one atomic step.

  async create(session: NewSession, { max, onLimit }: SessionLimit): Promise<CreateResult> {
    requireWellFormed(session.subject);
    const now = readClock(this.#clock);
    const existing = this.#find(session.sessionId, now);
    if (existing?.attempt === session.attempt) {
      return { outcome: 'created', session: { ...existing, asOf: now }, evicted: [] };
    }
    const ids = this.#bySubject.get(session.subject) ?? new Set();
    // Most logins stay below the limit, and need not look at the other sessions.
    const others = ids.size < max ? [] : this.#liveSessionsOf(session.subject, now);
    const surplus = others.slice(Math.max(0, max - 1)).toReversed();
    if (surplus.length > 0 && onLimit === 'reject') return { outcome: 'refused', reason: 'limit' };
    if (surplus.length === 0 && !this.#hasRoom(now)) return { outcome: 'refused', reason: 'full' };
    for (const record of surplus) this.#remove(record);

    const record = toRecord(session, now);
    this.#sessions.set(session.sessionId, record);
    this.#bySubject.set(session.subject, ids.add(session.sessionId));
    return {
      outcome: 'created',
      session: { ...record, asOf: now },
      evicted: surplus.map(({ sessionId }) => sessionId),
    };
  }

  async rotate(
    sessionId: string,
    expect: ExpectedGeneration,
    next: NextGeneration,
  ): Promise<RotateResult> {
    const now = readClock(this.#clock);
    const record = this.#find(sessionId, now);
    if (record === undefined) return { outcome: 'absent' };
    const isAsExpected =
      record.generation === expect.generation &&
      record.secretHash === expect.secretHash &&
      Math.abs(now - record.rotatedAt) > (expect.olderThan ?? -1);
    if (!isAsExpected) return { outcome: 'conflict', session: { ...record, asOf: now } };
    const { moveAnchor, ...generation } = next;
    const rotated: SessionRecord = {
      ...record,
      ...generation,
      confirmed: false,
      rotatedAt: now,
      anchorAt: moveAnchor ? now : record.anchorAt,
    };
    this.#sessions.set(sessionId, rotated);
    return { outcome: 'swapped', session: { ...rotated, asOf: now } };
  }

  async get(sessionId: string): Promise<SessionSnapshot | undefined> {
    const now = readClock(this.#clock);
    const record = this.#find(sessionId, now);
    return record && { ...record, asOf: now };
  }

  async revoke(sessionId: string): Promise<boolean> {
    const record = this.#find(sessionId, readClock(this.#clock));
    if (record !== undefined) this.#remove(record);
    return record !== undefined;
  }

  async revokeSubject(subject: string, except?: string): Promise<readonly string[]> {
    requireWellFormed(subject);
    const sessions = this.#liveSessionsOf(subject, readClock(this.#clock));
    const revoked = sessions.filter(({ sessionId }) => sessionId !== except);
    for (const record of revoked) this.#remove(record);
    return revoked.map(({ sessionId }) => sessionId);
  }

  async list(subject: string): Promise<readonly SessionSnapshot[]> {
    requireWellFormed(subject);
    const now = readClock(this.#clock);
    return this.#liveSessionsOf(subject, now).map((record) => ({ ...record, asOf: now }));
  }

  /** Stops the timer and forgets every session. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sessions.clear();
    this.#bySubject.clear();
    this.#search = undefined;
  }

  #find(sessionId: string, now: number): SessionRecord | undefined {
    const record = this.#sessions.get(sessionId);
    return record !== undefined && now < endOf(record) ? record : undefined;
  }

  /** The most recently refreshed first; of those refreshed at the same time, the latest login first. */
  #liveSessionsOf(subject: string, now: number): readonly SessionRecord[] {
    return [...(this.#bySubject.get(subject) ?? [])]
      .flatMap((sessionId) => this.#find(sessionId, now) ?? [])
      .toReversed()
      .toSorted((one, other) => other.rotatedAt - one.rotatedAt);
  }

  #remove({ sessionId, subject }: SessionRecord): void {
    const ids = this.#bySubject.get(subject);
    this.#sessions.delete(sessionId);
    ids?.delete(sessionId);
    if (ids?.size === 0) this.#bySubject.delete(subject);
  }

  #sweep(): void {
    try {
      const now = readClock(this.#clock);
      for (const record of this.#sessions.values()) if (now >= endOf(record)) this.#remove(record);
    } catch {
      // The clock is broken. Then no session ends, and nothing could catch the error of a timer.
    }
  }

  /**
   * Whether there is room for one more session; in a full store, removes one that has ended if it finds one.
   *
   * A flood of logins into a full store must not block the process. So each call looks at a bounded number of sessions, and
   * the next call goes on from there: among 100 000 sessions, the hundredth login finds the one that has ended.
   */
  #hasRoom(now: number): boolean {
    if (this.#sessions.size < this.#capacity) {
      // An iterator keeps the memory of the entries that it has not yet passed, also of removed ones.
      this.#search = undefined;
      return true;
    }
    for (let looks = 0; looks < maxLooks; looks += 1) {
      this.#search ??= this.#sessions.values();
      const { done, value: record } = this.#search.next();
      if (done === true) {
        this.#search = undefined;
      } else if (now >= endOf(record)) {
        this.#remove(record);
        return true;
      }
    }
    return false;
  }
}

// Written out: V8 keeps an object that a spread has put together as a hash table, which takes 480 bytes more per session.
function toRecord(session: NewSession, now: number): SessionRecord {
  return {
    sessionId: session.sessionId,
    subject: session.subject,
    generation: session.generation,
    secretHash: session.secretHash,
    keyId: session.keyId,
    parentGeneration: session.parentGeneration,
    attempt: session.attempt,
    confirmed: false,
    cnf: session.cnf,
    createdAt: now,
    rotatedAt: now,
    anchorAt: now,
    idleLifetime: session.idleLifetime,
    expiresAt: now + session.absoluteLifetime,
    data: session.data,
  };
}

function endOf({ rotatedAt, idleLifetime, expiresAt }: SessionRecord): number {
  return Math.min(rotatedAt + idleLifetime, expiresAt);
}

function warnThatSessionsArePerProcess(): void {
  // The environment decides about this warning only, never about behaviour.
  const { NODE_ENV: environment, NODE_APP_INSTANCE: instance } = process.env;
  if (environment !== 'production' && !cluster.isWorker && instance === undefined) return;
  warnOnce(
    'TOKENPAIR_MEMORY_STORE',
    'MemorySessionStore keeps sessions in the memory of this process: they end with it, and other processes do not see ' +
      'them. Use a store that processes share, RedisSessionStore for example.',
  );
}
