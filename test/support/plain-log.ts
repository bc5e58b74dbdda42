// The simplest revocation log without faults. Tests derive faulty logs from it.

import { setImmediate as turn } from 'node:timers/promises';

import type {
  NewRevocationEntry,
  Position,
  RevocationEntry,
  RevocationLog,
  RevocationPage,
} from '@tokenpair/core/store';

export interface PlainFeed {
  head: Position;
  from: Position;
  everything: Position;
  keep: number;
  entries: RevocationEntry[];
}

/** What several logs share, as a server would keep it. */
export class PlainLogData {
  readonly feeds = new Map<string, PlainFeed>();
  isSilent = false;
  isDemoted = false;
  #last: Promise<unknown> = Promise.resolve();

  /** Runs one step after the other. */
  inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#last.then(step);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Takes a log back to what it was before its last entries. */
  lose(issuer: string, count: number): void {
    const feed = this.feeds.get(issuer);
    if (feed === undefined) return;
    const [first] = feed.entries.splice(-count);
    feed.head = first?.previous ?? 0;
  }
}

export class PlainLog implements RevocationLog {
  readonly data: PlainLogData;
  readonly now: () => number;

  constructor(data: PlainLogData, now: () => number) {
    this.data = data;
    this.now = now;
  }

  append(entry: NewRevocationEntry): Promise<Position> {
    return this.step(async () => {
      if (this.data.isDemoted) throw new Error('READONLY');
      const feed = this.feedOf(entry.issuer) ?? this.begin();
      const before = { ...feed };
      await turn();
      const now = Math.floor(this.now() * 1_000);
      const position = this.positionAfter(before.head, entry.floor, now);
      feed.keep = this.keepAfter(before.keep, entry.keep);
      if (before.head === 0 || this.hasJumped(feed, now)) feed.from = position;
      this.trim(feed, now - feed.keep * 1_000);
      feed.entries.push(this.toEntry(position, before.head, entry));
      this.raise(feed, position, entry.everything);
      this.setHead(feed, position);
      this.data.feeds.set(this.keyOf(entry.issuer), feed);
      return position;
    });
  }

  read(issuer: string, after: Position, limit: number): Promise<RevocationPage> {
    return this.step(async () => this.page(this.feedOf(issuer) ?? this.begin(), after, limit));
  }

  step<T>(action: () => Promise<T>): Promise<T> {
    return this.data.isSilent ? this.whenSilent() : this.data.inTurn(action);
  }

  whenSilent(): Promise<never> {
    return Promise.reject(new Error('no answer'));
  }

  feedOf(issuer: string): PlainFeed | undefined {
    return this.data.feeds.get(this.keyOf(issuer));
  }

  keyOf(issuer: string): string {
    return issuer;
  }

  begin(): PlainFeed {
    return { head: 0, from: 0, everything: 0, keep: 0, entries: [] };
  }

  positionAfter(head: Position, floor: Position, now: Position): Position {
    return Math.max(head + 1, floor + 1, now);
  }

  keepAfter(before: number, given: number): number {
    return Math.max(before, given);
  }

  hasJumped({ head, keep }: PlainFeed, now: Position): boolean {
    return now - head > Math.min(keep, 600_000) * 1_000;
  }

  trim(feed: PlainFeed, oldest: Position): void {
    feed.entries = feed.entries.filter(({ position }) => position >= oldest);
  }

  toEntry(position: Position, previous: Position, { text }: NewRevocationEntry): RevocationEntry {
    return { position, previous, text };
  }

  raise(feed: PlainFeed, position: Position, everything: NewRevocationEntry['everything']): void {
    if (everything === undefined) return;
    feed.everything = Math.max(feed.everything, everything === 'here' ? position : everything);
  }

  setHead(feed: PlainFeed, position: Position): void {
    feed.head = position;
  }

  page(feed: PlainFeed, after: Position, limit: number): RevocationPage | Promise<RevocationPage> {
    const later = feed.entries.filter(({ position }) => this.isAfter(position, after));
    const { head, from, everything, keep } = feed;
    const entries = later.slice(0, limit);
    return { head, from, everything, keep, more: this.hasMore(later.length, limit), entries };
  }

  isAfter(position: Position, after: Position): boolean {
    return position > after;
  }

  hasMore(count: number, limit: number): boolean {
    return limit > 0 && count > limit;
  }
}
