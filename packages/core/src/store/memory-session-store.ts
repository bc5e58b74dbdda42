// Under the issuing journeys: the store contract over lru-cache. It refuses to do one thing that a cache does:
// evict a live entry to make room. For a session that is a sign-out without a word, which an attacker could cause by
// signing in often enough. When it is full of live sessions it says so.

import { LRUCache } from 'lru-cache';

import { readClock, systemClock, type Clock } from '../hooks/clock.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { checkOptions, requireCount, requireFunction } from '../lib/options.js';
import { requireWellFormed } from '../lib/subject.js';
import { warnOnceThatSessionsArePerProcess } from './per-process-warning.js';
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

export interface MemorySessionStoreOptions {
  /** Sessions of all subjects together; one more is refused with 503 `store_full`. @defaultValue 100 000 */
  readonly capacity?: number | undefined;
  /** How often sessions that are over are removed. @defaultValue `'1m'` (1 minute) */
  readonly sweepInterval?: Duration | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Sessions that a login into a full store looks at, and those of one more subject: well under a millisecond. */
const maxLooks = 1_000;

/** A session as it lies here. It is changed in place and never handed out: what is handed out is a snapshot. */
type StoredSession = { -readonly [Name in keyof SessionRecord]: SessionRecord[Name] };

/**
 * Sessions in the memory of this process: lost when it ends and unknown to every other one. For development, tests
 * and single-process services; it says so once, as a process warning, in production and under a cluster.
 */
export class MemorySessionStore implements SessionStore {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #sessions: LRUCache<string, StoredSession>;
  /** The sessions of each subject, the oldest login first. A list is replaced, so that it has no more room than it needs. */
  readonly #bySubject = new Map<string, readonly StoredSession[]>();
  readonly #sweeper: NodeJS.Timeout;
  /** How far the search for room has come. Forgotten when there is room, so that it keeps no past state of the index. */
  #search: MapIterator<readonly StoredSession[]> | undefined;

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
    this.#sessions = new LRUCache({
      // Each counts as one. Not `max`, for which the cache would lay out room for all of them now.
      maxSize: capacity,
      perf: { now: () => nowOrNever(clock) },
      ttlResolution: 0,
      // Every way out of the cache leads through here, so the index cannot outlive a session.
      dispose: (record) => this.#removeFromIndex(record),
    });
    // Not `ttlAutopurge`: its timers overflow with lifetimes past 24.8 days and then never rest.
    this.#sweeper = setInterval(
      () => this.#sessions.purgeStale(),
      toSeconds('sweepInterval', sweepInterval, { max: 86_400 }) * 1_000,
    ).unref();
    warnOnceThatSessionsArePerProcess();
  }

  // Async so that what is thrown is a rejection; there is no await, so each method is one atomic step.

  async create(session: NewSession, { max, onLimit }: SessionLimit): Promise<CreateResult> {
    requireWellFormed(session.subject);
    const now = readClock(this.#clock);
    const repeated = this.#find(session.sessionId, now);
    if (repeated?.attempt === session.attempt) {
      return { outcome: 'created', session: snapshot(repeated, now), evicted: [] };
    }
    const evicted = this.#beyond(session.subject, max - 1, now);
    if (evicted.length > 0 && onLimit === 'reject') return { outcome: 'refused', reason: 'limit' };
    if (evicted.length === 0 && !this.#hasRoom(now)) return { outcome: 'refused', reason: 'full' };
    for (const { sessionId } of evicted) this.#sessions.delete(sessionId);

    const record = this.#recordOf(session, now);
    this.#touch(record, now);
    this.#addToIndex(record);
    return {
      outcome: 'created',
      session: snapshot(record, now),
      evicted: evicted.map(({ sessionId }) => sessionId),
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
    if (!isAsExpected(record, expect, now)) {
      return { outcome: 'conflict', session: snapshot(record, now) };
    }
    record.generation = next.generation;
    record.secretHash = next.secretHash;
    record.keyId = next.keyId;
    record.parentGeneration = next.parentGeneration;
    record.attempt = next.attempt;
    record.confirmed = false;
    record.rotatedAt = now;
    if (next.moveAnchor) record.anchorAt = now;
    this.#touch(record, now);
    return { outcome: 'swapped', session: snapshot(record, now) };
  }

  async get(sessionId: string): Promise<SessionSnapshot | undefined> {
    const now = readClock(this.#clock);
    const record = this.#find(sessionId, now);
    return record && snapshot(record, now);
  }

  async revoke(sessionId: string): Promise<boolean> {
    const isLive = this.#find(sessionId, readClock(this.#clock)) !== undefined;
    return this.#sessions.delete(sessionId) && isLive;
  }

  async revokeSubject(subject: string, except?: string): Promise<readonly string[]> {
    requireWellFormed(subject);
    const revoked = new Set(
      this.#listed(subject, readClock(this.#clock)).filter(({ sessionId }) => sessionId !== except),
    );
    // All at once: to look for each among all the others would take longer with every session.
    this.#keepInIndex(subject, (record) => !revoked.has(record));
    for (const { sessionId } of revoked) this.#sessions.delete(sessionId);
    return Array.from(revoked, ({ sessionId }) => sessionId);
  }

  async list(subject: string): Promise<readonly SessionSnapshot[]> {
    requireWellFormed(subject);
    const now = readClock(this.#clock);
    return this.#listed(subject, now).map((record) => snapshot(record, now));
  }

  /** Ends the sweep and forgets every session. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sessions.clear();
    this.#search = undefined;
  }

  // The cache's own idea of stale is one tick later than ours and needs a sane clock, so it is not asked.
  #find(sessionId: string, now: number): StoredSession | undefined {
    const record = this.#sessions.peek(sessionId, { allowStale: true });
    return record !== undefined && now < endOf(record) ? record : undefined;
  }

  #listed(subject: string, now: number): readonly StoredSession[] {
    return (this.#bySubject.get(subject) ?? [])
      .filter((record) => now < endOf(record))
      .toReversed()
      .toSorted((one, other) => other.rotatedAt - one.rotatedAt);
  }

  /** The live sessions of a subject that are more than `count`, the least recently refreshed first. */
  #beyond(subject: string, count: number, now: number): readonly StoredSession[] {
    const mayBeMore = (this.#bySubject.get(subject)?.length ?? 0) > count;
    return mayBeMore ? this.#listed(subject, now).slice(Math.max(0, count)).toReversed() : [];
  }

  #recordOf(session: NewSession, now: number): StoredSession {
    // Member by member: what is spread together has as many shapes as ways to it, and takes twice the room.
    return {
      sessionId: session.sessionId,
      // One copy of the text for all sessions of a subject.
      subject: this.#bySubject.get(session.subject)?.[0]?.subject ?? session.subject,
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

  /** Puts a record in, or begins its idle lifetime anew. */
  #touch(record: StoredSession, now: number): void {
    this.#sessions.set(record.sessionId, record, {
      size: 1,
      ttl: Math.max(1, endOf(record) - now),
      start: now,
    });
  }

  #hasRoom(now: number): boolean {
    if (this.#sessions.size >= this.#capacity) return this.#makeRoom(now);
    this.#search = undefined;
    return true;
  }

  /**
   * Looks for a subject with sessions that are over, and removes those. A flood of logins into a full store must not block
   * the process, so each call looks at a bounded number of sessions and the next one goes on from there: among 100 000
   * sessions one that is over is found by the hundredth login, or by the sweep if that comes first.
   */
  #makeRoom(now: number): boolean {
    let left = maxLooks;
    while (left > 0) {
      this.#search ??= this.#bySubject.values();
      const { done, value: records = [] } = this.#search.next();
      if (done === true) this.#search = undefined;
      const over = records.filter((record) => now >= endOf(record));
      for (const { sessionId } of over) this.#sessions.delete(sessionId);
      if (over.length > 0) return true;
      left -= Math.max(1, records.length);
    }
    return false;
  }

  #addToIndex(record: StoredSession): void {
    const others = this.#bySubject.get(record.subject) ?? [];
    this.#bySubject.set(record.subject, others.concat(record));
  }

  #removeFromIndex(record: StoredSession): void {
    this.#keepInIndex(record.subject, (other) => other !== record);
  }

  #keepInIndex(subject: string, stays: (record: StoredSession) => boolean): void {
    const kept = this.#bySubject.get(subject)?.filter(stays);
    if (kept === undefined) return;
    if (kept.length > 0) this.#bySubject.set(subject, kept);
    else this.#bySubject.delete(subject);
  }
}

// While the clock is broken nothing is stale: a sweep must neither throw, with nobody to catch it, nor end a session.
function nowOrNever(clock: Clock): number {
  try {
    return readClock(clock);
  } catch {
    return 0;
  }
}

function isAsExpected(
  { generation, secretHash, rotatedAt }: StoredSession,
  expect: ExpectedGeneration,
  now: number,
): boolean {
  const { olderThan = -1 } = expect;
  return (
    generation === expect.generation &&
    secretHash === expect.secretHash &&
    Math.abs(now - rotatedAt) > olderThan
  );
}

function endOf({ rotatedAt, idleLifetime, expiresAt }: SessionRecord): number {
  return Math.min(rotatedAt + idleLifetime, expiresAt);
}

function snapshot(record: StoredSession, asOf: number): SessionSnapshot {
  return {
    sessionId: record.sessionId,
    subject: record.subject,
    generation: record.generation,
    secretHash: record.secretHash,
    keyId: record.keyId,
    parentGeneration: record.parentGeneration,
    attempt: record.attempt,
    confirmed: record.confirmed,
    cnf: record.cnf,
    createdAt: record.createdAt,
    rotatedAt: record.rotatedAt,
    anchorAt: record.anchorAt,
    idleLifetime: record.idleLifetime,
    expiresAt: record.expiresAt,
    data: record.data,
    asOf,
  };
}
