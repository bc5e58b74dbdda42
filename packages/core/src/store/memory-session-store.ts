// The session store in the memory of one process.

import { StoreUnavailableError } from '../errors/errors.js';
import { readClock, systemClock, type Clock } from '../hooks/clock.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { checkOptions, requireCount, requireFunction } from '../lib/options.js';
import { requireWellFormed } from '../lib/subject.js';
import { warnOnceThatSessionsArePerProcess } from './per-process-warning.js';
import type {
  Change,
  CreateResult,
  Expected,
  NewSession,
  SessionLimit,
  SessionRecord,
  SessionSnapshot,
  SessionStore,
  SwapResult,
} from './session-store.js';

/** Options of {@link MemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /**
   * Maximum number of sessions of all owners together, 1 to 10 000 000. A login beyond it gets 503 `store_full`.
   * @defaultValue 100 000
   */
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
 * A full store refuses further logins. It never evicts a live session of another owner: that would sign a user out, and
 * an attacker could cause it by signing in often.
 */
export class MemorySessionStore implements SessionStore {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #sessions = new Map<string, SessionRecord>();
  readonly #raised = new Map<string, number>();
  /** The session IDs of each owner, the oldest login first. */
  readonly #byOwner = new Map<string, Set<string>>();
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
      toSeconds('sweepInterval', sweepInterval, { max: 86_400, maxNumber: 86_400 }) * 1_000,
    ).unref();
    warnOnceThatSessionsArePerProcess();
  }

  // The methods are async so that an error becomes a rejection. None of them awaits, so each is one atomic step.

  async create(session: NewSession, limit: SessionLimit): Promise<CreateResult> {
    const { sessionId, owner, secretHash } = session;
    requireWellFormed(owner);
    const now = readClock(this.#clock);
    const existing = this.#find(sessionId, now);
    if (existing !== undefined) {
      if (existing.secretHash !== secretHash) throw idInUse();
      return { ...createdFrom(existing, now), evicted: [], replaced: false };
    }
    const replaced = this.#findReplaced(owner, limit.replaces, now);
    const surplus = this.#surplusOf(owner, Math.max(0, limit.max - 1), now, replaced);
    if (surplus.length > 0 && limit.onLimit === 'reject') {
      return { outcome: 'refused', reason: 'limit' };
    }
    const ending = replaced === undefined ? surplus : [replaced, ...surplus];
    if (ending.length === 0 && !this.#hasRoom(now)) return { outcome: 'refused', reason: 'full' };
    for (const record of ending) this.#remove(record);

    const record = toRecord({
      ...session,
      rotatedAt: now,
      expiresAt: now + session.absoluteLifetime,
      createdAt: now,
      confirmed: 0,
    });
    this.#add(record);
    const evicted = surplus.map((one) => one.sessionId);
    return { ...createdFrom(record, now), evicted, replaced: replaced !== undefined };
  }

  async get(sessionId: string): Promise<SessionSnapshot | undefined> {
    const now = readClock(this.#clock);
    const record = this.#find(sessionId, now);
    return record && { ...record, asOf: now };
  }

  async swap(sessionId: string, expect: Expected, next: Change): Promise<SwapResult> {
    const now = readClock(this.#clock);
    const record = this.#find(sessionId, now);
    if (record === undefined) return { outcome: 'absent' };
    if (!isAsExpected(record, expect, now)) {
      return { outcome: 'conflict', session: { ...record, asOf: now } };
    }
    const changed = applyChange(record, next, now);
    this.#sessions.set(sessionId, changed);
    return { outcome: 'swapped', session: { ...changed, asOf: now } };
  }

  async confirm(sessionId: string, generation: number): Promise<void> {
    const record = this.#find(sessionId, readClock(this.#clock));
    if (record === undefined || generation > record.generation + 1) return;
    const confirmed = Math.max(record.confirmed, generation);
    this.#sessions.set(sessionId, toRecord({ ...record, confirmed }));
  }

  async revoke(sessionId: string): Promise<boolean> {
    const record = this.#find(sessionId, readClock(this.#clock));
    if (record !== undefined) this.#remove(record);
    return record !== undefined;
  }

  async revokeOwner(owner: string, except?: string): Promise<readonly string[]> {
    requireWellFormed(owner);
    const sessions = this.#liveSessionsOf(owner, readClock(this.#clock));
    const revoked = sessions.filter(({ sessionId }) => sessionId !== except);
    for (const record of revoked) this.#remove(record);
    return revoked.map(({ sessionId }) => sessionId);
  }

  async list(owner: string): Promise<readonly SessionSnapshot[]> {
    requireWellFormed(owner);
    const now = readClock(this.#clock);
    return this.#liveSessionsOf(owner, now).map((record) => ({ ...record, asOf: now }));
  }

  async raise(name: string, value: number): Promise<number> {
    const raised = Math.max(this.#raised.get(name) ?? 0, value);
    if (value > 0) this.#raised.set(name, raised);
    return raised;
  }

  /** Stops the timer and forgets every session. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sessions.clear();
    this.#byOwner.clear();
    this.#search = undefined;
  }

  #find(sessionId: string, now: number): SessionRecord | undefined {
    const record = this.#sessions.get(sessionId);
    return record !== undefined && now < endOf(record) ? record : undefined;
  }

  /** The session that `replaces` names, if it is one of this owner. */
  #findReplaced(
    owner: string,
    sessionId: string | undefined,
    now: number,
  ): SessionRecord | undefined {
    const record = sessionId === undefined ? undefined : this.#find(sessionId, now);
    return record?.owner === owner ? record : undefined;
  }

  /** The most recently rotated first; of those rotated at the same time, the latest login first. */
  #liveSessionsOf(owner: string, now: number): readonly SessionRecord[] {
    return [...(this.#byOwner.get(owner) ?? [])]
      .flatMap((sessionId) => this.#find(sessionId, now) ?? [])
      .toReversed()
      .toSorted((one, other) => other.rotatedAt - one.rotatedAt);
  }

  /** The live sessions of an owner beyond a number of them, without the replaced one; the least recently rotated first. */
  #surplusOf(
    owner: string,
    count: number,
    now: number,
    replaced: SessionRecord | undefined,
  ): readonly SessionRecord[] {
    // Most logins stay below the limit, and need not look at the other sessions.
    if ((this.#byOwner.get(owner)?.size ?? 0) <= count) return [];
    const counted = this.#liveSessionsOf(owner, now).filter((record) => record !== replaced);
    return counted.slice(count).toReversed();
  }

  #add(record: SessionRecord): void {
    const { sessionId, owner } = record;
    const ids = this.#byOwner.get(owner) ?? new Set();
    this.#sessions.set(sessionId, record);
    this.#byOwner.set(owner, ids.add(sessionId));
  }

  #remove({ sessionId, owner }: SessionRecord): void {
    const ids = this.#byOwner.get(owner);
    this.#sessions.delete(sessionId);
    ids?.delete(sessionId);
    if (ids?.size === 0) this.#byOwner.delete(owner);
  }

  #sweep(): void {
    const now = nowUnlessBroken(this.#clock);
    if (now === undefined) return;
    for (const record of this.#sessions.values()) if (now >= endOf(record)) this.#remove(record);
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
    // One more than there are sessions: the search may reach the end and begin again.
    const looks = Math.min(maxLooks, this.#sessions.size + 1);
    for (let count = 0; count < looks; count += 1) {
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

function createdFrom(record: SessionRecord, now: number) {
  return { outcome: 'created', session: { ...record, asOf: now } } as const;
}

// A repeated call that arrives after a rotation, or an ID that was minted twice. To write would put a spent token back.
function idInUse(): StoreUnavailableError {
  return new StoreUnavailableError({
    cause: new Error('a live session has this ID and another secret'),
  });
}

function isAsExpected(record: SessionRecord, expect: Expected, now: number): boolean {
  const {
    generation = record.generation,
    secretHash = record.secretHash,
    confirmed = record.confirmed,
    data = record.data,
    olderThan = -1,
  } = expect;
  return (
    generation === record.generation &&
    secretHash === record.secretHash &&
    confirmed === record.confirmed &&
    data === record.data &&
    Math.abs(now - record.rotatedAt) > olderThan
  );
}

function applyChange(record: SessionRecord, next: Change, now: number): SessionRecord {
  const { token, data, idleLifetime, expiresAt } = next;
  return toRecord({
    ...record,
    ...(token && { ...token, rotatedAt: now }),
    data: data ?? record.data,
    idleLifetime: idleLifetime ?? record.idleLifetime,
    expiresAt: expiresAt ?? record.expiresAt,
  });
}

// Written out: V8 keeps an object that a spread has put together as a hash table, which takes 480 bytes more per session.
function toRecord(record: SessionRecord): SessionRecord {
  return {
    sessionId: record.sessionId,
    owner: record.owner,
    generation: record.generation,
    secretHash: record.secretHash,
    state: record.state,
    rotatedAt: record.rotatedAt,
    data: record.data,
    idleLifetime: record.idleLifetime,
    expiresAt: record.expiresAt,
    createdAt: record.createdAt,
    confirmed: record.confirmed,
  };
}

function endOf({ rotatedAt, idleLifetime, expiresAt }: SessionRecord): number {
  return Math.min(rotatedAt + idleLifetime, expiresAt);
}

// A sweep while the clock is broken must neither end a session nor throw: nothing could catch the error of a timer.
function nowUnlessBroken(clock: Clock): number | undefined {
  try {
    return readClock(clock);
  } catch {
    return undefined;
  }
}
