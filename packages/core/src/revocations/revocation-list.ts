// The list: what a process knows of a revocation log. A guard asks it at every request, without I/O.
//
// Facts are kept in segments, by the time when they were heard. A whole segment is forgotten at a time, so there is no timer per
// fact. A `Map` keeps the order of insertion, and a fact that is heard again moves to its end: the oldest are at the front.

import type { Millis } from '../lib/duration.js';
import type { Line } from './lines.js';
import type { Position } from './revocation-log.js';
import { addMark, covers, isStale, type StaleMark } from './stale-marks.js';

/** What the list says of a token. */
type ListVerdict = 'revoked' | 'stale' | undefined;

interface Segment {
  facts: number;
  newest: Position;
  startedAt: Millis;
  /** `undefined` while facts are added; -Infinity when the segment was dropped. */
  endedAt: Millis | undefined;
}

interface Target {
  segment: number;
  marks: readonly StaleMark[];
}

const segmentsPerList = 8;
const forgottenPerTurn = 5_000;

export interface ListOptions {
  /** Maximum number of facts. */
  readonly max: number;
  /** Called when facts were dropped: tokens with a smaller `rev` than `before` are refreshed. */
  readonly onOverflow?: (before: Position) => void;
  /** Called with each line after it was applied. */
  readonly onLine?: (line: Line) => void;
}

export class RevocationList {
  /** The kill mark: tokens with a smaller `rev` are revoked. */
  everythingBefore: Position = 0;
  /** Tokens with a smaller `rev` may carry old claims: from `S` lines. */
  staleBefore: Position = 0;
  /** The same, for this process only: facts were dropped, or a line was not understood. */
  localStaleBefore: Position = 0;
  /** The log may have lost entries below this position. */
  unsure: Position = 0;
  /** Increases with every change. While it is the same, the list says nothing new of a token that it let pass. */
  version = 0;
  /** How long a fact is kept at least; 0 while that is not known. */
  keep: Millis = 0;
  readonly #options: ListOptions;
  /** Session IDs to segment numbers. */
  readonly #ended = new Map<string, number>();
  readonly #stale = new Map<string, Target>();
  #marks = 0;
  /** How many targets are sessions. Most changes are of subjects: then a request has one look-up less. */
  #staleSessions = 0;
  /** The oldest first. Its number is `#first`. */
  #segments: Segment[] = [];
  #first = 0;
  #isForgetting = false;

  constructor(options: ListOptions) {
    this.#options = options;
  }

  get facts(): number {
    return this.#ended.size + this.#marks;
  }

  hasEnded(sessionId: string): boolean {
    return this.#ended.has(sessionId);
  }

  /** What the list says of a token with this `rev`, subject tag and session ID. Allocates nothing. */
  verdictOn(rev: Position, tag: string, sessionId: string): ListVerdict {
    if (rev < this.everythingBefore || this.#ended.has(sessionId)) return 'revoked';
    if (rev < this.staleBefore || rev < this.localStaleBefore) return 'stale';
    if (this.#stale.size === 0) return undefined;
    const ofSubject = this.#stale.get(tag);
    if (ofSubject !== undefined && isStale(ofSubject.marks, rev, sessionId)) return 'stale';
    if (this.#staleSessions === 0) return undefined;
    const ofSession = this.#stale.get(sessionId);
    return ofSession !== undefined && isStale(ofSession.marks, rev, sessionId)
      ? 'stale'
      : undefined;
  }

  /**
   * Adds what the lines of an entry say.
   *
   * @param now - milliseconds of a clock that is never set.
   * @returns false when a line was not understood; it counts as `S`, for this process.
   */
  apply(lines: readonly Line[], position: Position, now: Millis): boolean {
    let isUnderstood = true;
    for (const line of lines) {
      if (line.kind === 'ended')
        for (const id of line.sessionIds) this.#addEnded(id, position, now);
      else if (line.kind === 'stale') this.#addStale(line.target, { position, ...line }, now);
      else if (line.kind === 'all stale') this.staleBefore = Math.max(this.staleBefore, position);
      else if (line.kind === 'kill') this.kill(line.mark ?? position);
      else {
        isUnderstood = false;
        this.localStaleBefore = Math.max(this.localStaleBefore, position);
      }
      this.version += 1;
      this.#options.onLine?.(line);
    }
    return isUnderstood;
  }

  /** Raises the kill mark. */
  kill(mark: Position): void {
    if (mark <= this.everythingBefore) return;
    this.everythingBefore = mark;
    this.version += 1;
    this.#options.onLine?.({ kind: 'kill', mark });
  }

  /** Adds all facts of another list. */
  absorb(other: RevocationList, position: Position, now: Millis): void {
    for (const [line, at] of other.#lines()) this.apply([line], at ?? position, now);
    this.kill(other.everythingBefore);
    this.localStaleBefore = Math.max(this.localStaleBefore, other.localStaleBefore);
    this.version += 1;
  }

  /**
   * The lines that say what this list says and another one does not, at an equal or a greater position; without the kill mark.
   *
   * @param upTo - leaves out what has a greater position. Endings have none.
   */
  linesMissingIn(other: RevocationList, upTo: Position = Infinity): readonly Line[] {
    return [...this.#lines()].flatMap(([line, at = 0]) =>
      at > upTo || other.#knows(line, at) ? [] : [line],
    );
  }

  /** Forgets facts that concern expired tokens only; the rest of many in later turns of the event loop. */
  forget(now: Millis): void {
    this.#segmentFor(now);
    if (this.#isForgetting) return;
    const isOver = ({ endedAt }: Segment) => endedAt !== undefined && endedAt + this.keep <= now;
    const over = this.#segments.findIndex((segment) => !isOver(segment));
    if (over <= 0) return;
    if (this.#forgetUpTo(this.#first + over - 1)) {
      this.#segments.splice(0, over);
      this.#first += over;
      return;
    }
    this.#isForgetting = true;
    setImmediate(() => {
      this.#isForgetting = false;
      this.forget(now);
    }).unref();
  }

  /** @returns whether all facts of these segments are gone. */
  #forgetUpTo(last: number): boolean {
    let left = forgottenPerTurn;
    for (const [sessionId, segment] of this.#ended) {
      if (segment > last) break;
      if (left === 0) return false;
      left -= 1;
      this.#ended.delete(sessionId);
    }
    for (const [target, { segment, marks }] of this.#stale) {
      if (segment > last) break;
      if (left === 0) return false;
      left -= 1;
      this.#stale.delete(target);
      if (isSession(target)) this.#staleSessions -= 1;
      this.#marks -= marks.length;
    }
    return true;
  }

  #addEnded(sessionId: string, position: Position, now: Millis): void {
    const number = this.#segmentFor(now);
    const before = this.#ended.get(sessionId);
    if (before !== undefined && before !== number) this.#ended.delete(sessionId);
    this.#ended.set(sessionId, number);
    this.#count(before, -1, position);
    this.#count(number, 1, position);
  }

  #addStale(target: string, { position, except }: StaleMark, now: Millis): void {
    const number = this.#segmentFor(now);
    const before = this.#stale.get(target);
    const marks = addMark(before?.marks ?? [], { position, except });
    const had = before?.marks.length ?? 0;
    this.#stale.delete(target);
    this.#stale.set(target, { segment: number, marks });
    if (before === undefined && isSession(target)) this.#staleSessions += 1;
    this.#marks += marks.length - had;
    this.#count(before?.segment, -had, position);
    this.#count(number, marks.length, position);
  }

  /** Notes that a segment has more or fewer facts, and drops the oldest segment when there are too many in all. */
  #count(number: number | undefined, more: number, position: Position): void {
    const segment = number === undefined ? undefined : this.#segments[number - this.#first];
    if (segment === undefined) return;
    segment.facts += more;
    if (more > 0) segment.newest = Math.max(segment.newest, position);
    if (this.facts <= this.#options.max) return;
    const live = this.#segments.filter(({ endedAt }) => endedAt !== -Infinity);
    const [oldest] = live;
    const facts = live.reduce((sum, one) => sum + one.facts, 0);
    if (oldest === undefined || facts <= this.#options.max) return;
    oldest.endedAt = -Infinity;
    this.localStaleBefore = Math.max(this.localStaleBefore, oldest.newest);
    this.#options.onOverflow?.(oldest.newest);
  }

  /** Number of the segment for facts that are heard now. */
  #segmentFor(now: Millis): number {
    const current = this.#segments.at(-1);
    const isFull = current !== undefined && current.facts >= this.#options.max / segmentsPerList;
    const segmentTime = (this.keep || Infinity) / segmentsPerList;
    const isLong = current !== undefined && now - current.startedAt >= segmentTime;
    const isEmpty = current?.facts === 0;
    if (current !== undefined && isLong && isEmpty) current.startedAt = now;
    if (current === undefined || isFull || (isLong && !isEmpty)) {
      if (current !== undefined) current.endedAt ??= now;
      this.#segments.push({ facts: 0, newest: 0, startedAt: now, endedAt: undefined });
    }
    return this.#first + this.#segments.length - 1;
  }

  /** Every fact as a line, with its position. */
  *#lines(): Generator<readonly [Line, Position | undefined]> {
    for (const id of this.#ended.keys()) yield [{ kind: 'ended', sessionIds: [id] }, undefined];
    for (const [target, { marks }] of this.#stale) {
      for (const { position, except } of marks) yield [{ kind: 'stale', target, except }, position];
    }
    if (this.staleBefore > 0) yield [{ kind: 'all stale' }, this.staleBefore];
  }

  #knows(line: Line, position: Position): boolean {
    if (line.kind === 'ended') return line.sessionIds.every((id) => this.#ended.has(id));
    if (line.kind !== 'stale') return this.staleBefore >= position;
    const marks = this.#stale.get(line.target)?.marks ?? [];
    return marks.some((mark) => covers(mark, { position, except: line.except }));
  }
}

// A subject tag has 16 characters, a session ID 38.
function isSession(target: string): boolean {
  return target.length > 16;
}
