// A correct and simple session store behind a simulated network. A test can override any step, to make the store wrong in one way.

import { setImmediate as turn } from 'node:timers/promises';

import {
  StoreUnavailableError,
  type Change,
  type CreateResult,
  type Expected,
  type NewSession,
  type SessionLimit,
  type SessionRecord,
  type SessionSnapshot,
  type SessionStore,
  type SwapResult,
} from '@tokenpair/core/store';

/** The data that a store and its second connection share. */
export class PlainData {
  readonly raised = new Map<string, number>();
  /** By session ID: the owner, and the record as text. */
  readonly rows = new Map<string, { readonly owner: string; readonly text: string }>();
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

  create(session: NewSession, limit: SessionLimit): Promise<CreateResult> {
    return this.step(async () => {
      const there = await this.find(session.sessionId);
      if (there) {
        if (!this.isRepeated(there, session)) throw new StoreUnavailableError();
        const again = this.snapshot(there);
        return { outcome: 'created', session: again, evicted: [], replaced: false };
      }
      const replaced = await this.findReplaced(session.owner, limit.replaces);
      const counted = await this.counted(session.owner, replaced);
      const evicted = this.surplus(counted, limit.max);
      if (evicted.length > 0 && limit.onLimit === 'reject') {
        return { outcome: 'refused', reason: 'limit' };
      }
      if (replaced) await this.remove(replaced.sessionId);
      for (const { sessionId } of evicted) await this.remove(sessionId);
      const record = this.recordOf(session);
      await this.write(record);
      return {
        outcome: 'created',
        session: this.snapshot(record),
        evicted: evicted.map(({ sessionId }) => sessionId),
        replaced: replaced !== undefined,
      };
    });
  }

  swap(sessionId: string, expect: Expected, next: Change): Promise<SwapResult> {
    return this.step(async () => {
      const record = await this.find(sessionId);
      if (!record) return this.swapNothing(sessionId, next);
      if (!this.matches(record, expect)) {
        return { outcome: 'conflict', session: this.snapshot(record) };
      }
      const swapped = this.changed(record, next);
      await this.write(swapped);
      return { outcome: 'swapped', session: this.snapshot(swapped) };
    });
  }

  confirm(sessionId: string, generation: number): Promise<void> {
    return this.step(async () => {
      const record = await this.find(sessionId);
      if (!record || this.isTooFarAhead(record, generation)) return;
      await this.write(this.confirmed(record, generation));
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

  revokeOwner(owner: string, except?: string): Promise<readonly string[]> {
    return this.step(async () => {
      const ended: string[] = [];
      for (const sessionId of this.idsOf(owner)) {
        if (sessionId === except) continue;
        if (await this.findIgnoringGarbage(sessionId)) ended.push(sessionId);
        await this.remove(sessionId);
      }
      return ended;
    });
  }

  list(owner: string): Promise<readonly SessionSnapshot[]> {
    return this.step(async () => {
      const records = await this.live(owner);
      return this.inOrder(records).map((record) => this.snapshot(record));
    });
  }

  raise(name: string, value: number): Promise<number> {
    return this.step(async () => {
      const raised = Math.max(value, this.data.raised.get(name) ?? 0);
      this.data.raised.set(name, raised);
      return raised;
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
    const row = { owner: this.keyOf(record.owner), text: this.encode(record) };
    this.data.rows.set(record.sessionId, row);
  }

  async remove(sessionId: string): Promise<void> {
    await turn();
    this.data.rows.delete(sessionId);
  }

  idsOf(owner: string): string[] {
    return [...this.data.rows]
      .filter(([, row]) => this.belongs(row.owner, this.keyOf(owner)))
      .map(([sessionId]) => sessionId);
  }

  belongs(rowKey: string, key: string): boolean {
    return rowKey === key;
  }

  async live(owner: string): Promise<SessionRecord[]> {
    const found = await Promise.all(this.idsOf(owner).map((sessionId) => this.find(sessionId)));
    return found.filter((record) => record !== undefined);
  }

  async findReplaced(owner: string, replaces?: string): Promise<SessionRecord | undefined> {
    const record = replaces === undefined ? undefined : await this.find(replaces);
    return record?.owner === owner ? record : undefined;
  }

  /** The sessions that the limit counts. */
  async counted(owner: string, replaced?: SessionRecord): Promise<SessionRecord[]> {
    const live = await this.live(owner);
    return live.filter(({ sessionId }) => sessionId !== replaced?.sessionId);
  }

  /** The sessions to end, the least recently rotated first. */
  surplus(counted: readonly SessionRecord[], max: number): SessionRecord[] {
    return this.inOrder(counted)
      .slice(max - 1)
      .toReversed();
  }

  /** The most recently rotated first. */
  inOrder(records: readonly SessionRecord[]): SessionRecord[] {
    return records.toReversed().toSorted((one, other) => other.rotatedAt - one.rotatedAt);
  }

  recordOf({ absoluteLifetime, ...given }: NewSession): SessionRecord {
    const now = this.now();
    const instants = { createdAt: now, rotatedAt: now, expiresAt: now + absoluteLifetime };
    return { ...given, ...instants, confirmed: 0 };
  }

  isRepeated(there: SessionRecord, session: NewSession): boolean {
    return there.secretHash === session.secretHash;
  }

  matches(record: SessionRecord, expect: Expected): boolean {
    return (
      this.hasToken(record, expect) &&
      this.hasData(record, expect) &&
      this.isConfirmed(record, expect) &&
      this.isOldEnough(record, expect.olderThan)
    );
  }

  hasToken(record: SessionRecord, expect: Expected): boolean {
    const { generation = record.generation, secretHash = record.secretHash } = expect;
    return record.generation === generation && record.secretHash === secretHash;
  }

  hasData(record: SessionRecord, { data = record.data }: Expected): boolean {
    return record.data === data;
  }

  isConfirmed(record: SessionRecord, { confirmed = record.confirmed }: Expected): boolean {
    return record.confirmed === confirmed;
  }

  isOldEnough({ rotatedAt }: SessionRecord, olderThan = -1): boolean {
    return Math.abs(this.now() - rotatedAt) > olderThan;
  }

  changed(record: SessionRecord, { token, ...sessionHalf }: Change): SessionRecord {
    return { ...record, ...sessionHalf, ...(token && this.rotated(record, token)) };
  }

  /** The token half after a rotation. */
  rotated(_record: SessionRecord, token: NonNullable<Change['token']>): Partial<SessionRecord> {
    return { ...token, rotatedAt: this.now() };
  }

  async swapNothing(_sessionId: string, _next: Change): Promise<SwapResult> {
    return { outcome: 'absent' };
  }

  isTooFarAhead(record: SessionRecord, generation: number): boolean {
    return generation > record.generation + 1;
  }

  confirmed(record: SessionRecord, generation: number): SessionRecord {
    return { ...record, confirmed: Math.max(record.confirmed, generation) };
  }

  endOf({ rotatedAt, idleLifetime, expiresAt }: SessionRecord): number {
    return Math.min(rotatedAt + idleLifetime, expiresAt);
  }

  keyOf(owner: string): string {
    return owner;
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
