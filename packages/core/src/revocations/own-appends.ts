// The entries that this process has appended and not read back yet. A failover may lose them before this process has read them.
//
// Reading on from the cursor does not show such a loss: the cursor is below them, and a newcomer may continue the log from there.

import type { Millis } from '../lib/duration.js';
import type { ReadPage } from './read-page.js';
import type { Position } from './revocation-log.js';

export class OwnAppends {
  /** Positions, and when the log answered them; the oldest first. */
  readonly #unread = new Map<Position, Millis>();
  /** What was read while an append was under way: its entry can be read before its answer arrives. */
  readonly #readMeanwhile = new Set<Position>();
  #underWay = 0;

  begin(): void {
    this.#underWay += 1;
  }

  /** Notes that an append has ended. Its lines must be in the list. @param position - `undefined` when it failed. */
  end(position: Position | undefined, now: Millis): void {
    this.#underWay -= 1;
    if (position !== undefined && !this.#readMeanwhile.has(position)) {
      this.#unread.set(position, now);
    }
    if (this.#underWay === 0) this.#readMeanwhile.clear();
  }

  noteRead(position: Position): void {
    this.#unread.delete(position);
    if (this.#underWay > 0) this.#readMeanwhile.add(position);
  }

  /** What a read that is sent now must show, if it reaches so far. Older entries than `keep` may be trimmed. */
  unread(now: Millis, keep: Millis): readonly Position[] {
    for (const [position, at] of this.#unread) {
      if (at + keep > now) break;
      this.#unread.delete(position);
    }
    return [...this.#unread.keys()];
  }

  /** Forgets entries whose loss is repaired. */
  forget(positions: readonly Position[]): void {
    for (const position of positions) this.#unread.delete(position);
  }
}

/** Whether a page lacks one of the entries that were in the log before it was asked for. */
export function lacksAny(page: ReadPage, positions: readonly Position[]): boolean {
  if (positions.length === 0) return false;
  const shown = new Set(page.entries.map(({ position }) => position));
  const reach = reachOf(page);
  return positions.some((position) => position <= reach && !shown.has(position));
}

/** The page has all entries up to here. Nothing is below the head of a log, but a log that is read second-hand may lag. */
function reachOf({ entries, more, age, head }: ReadPage): Position {
  if (more) return Math.max(0, ...entries.map(({ position }) => position));
  return age === undefined ? Infinity : head;
}
