// A correct and simple session store behind a simulated network. A test can override any step, to make the store wrong in one way.

import { setImmediate as turn } from 'node:timers/promises';

import {
  StoreUnavailableError,
  type CreateResult,
  type ExpectedGeneration,
  type NewSession,
  type NextGeneration,
  type RotateResult,
  type SessionLimit,
  type SessionRecord,
  type SessionSnapshot,
  type SessionStore,
} from '@tokenpair/core/store';

/** The data that a store and its second connection share. */
export class PlainData {
  /** By session ID: the subject, and the record as text. */
  readonly rows = new Map<string, { readonly subject: string; readonly text: string }>();
  isSilent = false;
  queue: Promise<unknown> = Promise.resolve();
}

export class PlainStore implements SessionStore {
  readonly data: PlainData;
  readonly now: () => number;

  constructor(data: PlainData, now: () => number) {
    this.data = data;
    this.now = now;
  }

  create(session: NewSession, { max, onLimit }: SessionLimit): Promise<CreateResult> {
    return this.step(async () => {
      const there = await this.find(session.sessionId);
      if (there && this.isRepeated(there, session)) {
        return { outcome: 'created', session: this.snapshot(there), evicted: [] };
      }
      const evicted = this.surplus(await this.counted(session.subject), max);
      if (evicted.length > 0 && onLimit === 'reject') {
        return { outcome: 'refused', reason: 'limit' };
      }
      for (const { sessionId } of evicted) await this.remove(sessionId);
      const record = this.recordOf(session);
      await this.write(record);
      const names = evicted.map(({ sessionId }) => sessionId);
      return { outcome: 'created', session: this.snapshot(record), evicted: names };
    });
  }

  rotate(
    sessionId: string,
    expect: ExpectedGeneration,
    next: NextGeneration,
  ): Promise<RotateResult> {
    return this.step(async () => {
      const record = await this.find(sessionId);
      if (!record) return this.rotateNothing(sessionId, next);
      if (!this.matches(record, expect) || !this.isOldEnough(record, expect.olderThan)) {
        return { outcome: 'conflict', session: this.snapshot(record) };
      }
      const swapped = this.successorOf(record, next);
      await this.write(swapped);
      return { outcome: 'swapped', session: this.snapshot(swapped) };
    });
  }

  get(sessionId: string): Promise<SessionSnapshot | undefined> {
    return this.step(async () => {
      const record = await this.find(sessionId);
      return record && this.snapshot(record);
    });
  }

  revoke(sessionId: string): Promise<boolean> {
    return this.step(async () => {
      const record = await this.findIgnoringGarbage(sessionId);
      await this.remove(sessionId);
      return record !== undefined;
    });
  }

  revokeSubject(subject: string, except?: string): Promise<readonly string[]> {
    return this.step(async () => {
      const ended: string[] = [];
      for (const sessionId of this.idsOf(subject)) {
        if (sessionId === except) continue;
        if (await this.findIgnoringGarbage(sessionId)) ended.push(sessionId);
        await this.remove(sessionId);
      }
      return ended;
    });
  }

  list(subject: string): Promise<readonly SessionSnapshot[]> {
    return this.step(async () => {
      const records = await this.live(subject);
      return this.inOrder(records).map((record) => this.snapshot(record));
    });
  }

  // One step at a time, which makes this store correct and slow.
  step<T>(action: () => Promise<T>): Promise<T> {
    if (this.data.isSilent) return this.whenSilent();
    const result = this.data.queue.then(action);
    this.data.queue = result.catch(() => undefined);
    return result;
  }

  async whenSilent(): Promise<never> {
    await turn();
    throw new StoreUnavailableError();
  }

  /** The live record with this session ID. */
  async find(sessionId: string): Promise<SessionRecord | undefined> {
    await turn();
    const row = this.data.rows.get(sessionId);
    if (!row) return undefined;
    const record = this.decode(row.text);
    return record && this.now() < this.endOf(record) ? record : undefined;
  }

  async findIgnoringGarbage(sessionId: string): Promise<SessionRecord | undefined> {
    try {
      return await this.find(sessionId);
    } catch {
      return undefined;
    }
  }

  async write(record: SessionRecord): Promise<void> {
    await turn();
    const row = { subject: this.keyOf(record.subject), text: this.encode(record) };
    this.data.rows.set(record.sessionId, row);
  }

  async remove(sessionId: string): Promise<void> {
    await turn();
    this.data.rows.delete(sessionId);
  }

  idsOf(subject: string): string[] {
    return [...this.data.rows]
      .filter(([, row]) => this.belongs(row.subject, this.keyOf(subject)))
      .map(([sessionId]) => sessionId);
  }

  belongs(rowKey: string, key: string): boolean {
    return rowKey === key;
  }

  async live(subject: string): Promise<SessionRecord[]> {
    const found = await Promise.all(this.idsOf(subject).map((sessionId) => this.find(sessionId)));
    return found.filter((record) => record !== undefined);
  }

  /** The sessions that the limit counts. */
  counted(subject: string): Promise<SessionRecord[]> {
    return this.live(subject);
  }

  /** The sessions to end, the least recently refreshed first. */
  surplus(counted: readonly SessionRecord[], max: number): SessionRecord[] {
    return this.inOrder(counted)
      .slice(max - 1)
      .toReversed();
  }

  /** The most recently refreshed first. */
  inOrder(records: readonly SessionRecord[]): SessionRecord[] {
    return records.toReversed().toSorted((one, other) => other.rotatedAt - one.rotatedAt);
  }

  recordOf({ absoluteLifetime, ...given }: NewSession): SessionRecord {
    const now = this.now();
    const instants = { createdAt: now, rotatedAt: now, anchorAt: now };
    return { ...given, ...instants, confirmed: false, expiresAt: now + absoluteLifetime };
  }

  isRepeated(there: SessionRecord, session: NewSession): boolean {
    return there.attempt === session.attempt;
  }

  matches(record: SessionRecord, { generation, secretHash }: ExpectedGeneration): boolean {
    return record.generation === generation && record.secretHash === secretHash;
  }

  isOldEnough({ rotatedAt }: SessionRecord, olderThan = -1): boolean {
    return Math.abs(this.now() - rotatedAt) > olderThan;
  }

  successorOf(record: SessionRecord, { moveAnchor, ...next }: NextGeneration): SessionRecord {
    const now = this.now();
    const anchorAt = moveAnchor ? now : record.anchorAt;
    return { ...record, ...next, confirmed: false, rotatedAt: now, anchorAt };
  }

  async rotateNothing(_sessionId: string, _next: NextGeneration): Promise<RotateResult> {
    return { outcome: 'absent' };
  }

  endOf({ rotatedAt, idleLifetime, expiresAt }: SessionRecord): number {
    return Math.min(rotatedAt + idleLifetime, expiresAt);
  }

  keyOf(subject: string): string {
    return subject;
  }

  snapshot(record: SessionRecord): SessionSnapshot {
    return { ...record, asOf: this.now() };
  }

  encode(record: SessionRecord): string {
    return JSON.stringify(record);
  }

  decode(text: string): SessionRecord | undefined {
    try {
      return JSON.parse(text) as SessionRecord;
    } catch (cause) {
      throw new StoreUnavailableError({ cause });
    }
  }
}
