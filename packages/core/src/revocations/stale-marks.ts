// What is known of one target of `s` lines: from which positions on its tokens have the present claims.

import type { Position } from './revocation-log.js';

/** Tokens with a smaller `rev` may carry old claims, except those of the named sessions. */
export interface StaleMark {
  readonly position: Position;
  readonly except: readonly string[];
}

const maxMarks = 16;

/** Whether the first mark refuses every token that the second refuses. */
export function covers(one: StaleMark, other: StaleMark): boolean {
  return (
    one.position >= other.position &&
    one.except.every((sessionId) => other.except.includes(sessionId))
  );
}

/** Adds a mark, and drops those that it covers. More than 16 become one, which refuses at least the same tokens. */
export function addMark(marks: readonly StaleMark[], mark: StaleMark): readonly StaleMark[] {
  if (marks.some((known) => covers(known, mark))) return marks;
  const kept = [...marks.filter((known) => !covers(mark, known)), mark];
  if (kept.length <= maxMarks) return kept;
  const position = Math.max(...kept.map((known) => known.position));
  const isInAll = (sessionId: string) => kept.every(({ except }) => except.includes(sessionId));
  return [{ position, except: mark.except.filter(isInAll) }];
}

/** Whether a mark refuses a token. Called for every request: allocates nothing. */
export function isStale(marks: readonly StaleMark[], rev: Position, sessionId: string): boolean {
  for (let index = 0; index < marks.length; index += 1) {
    const mark = marks[index];
    if (mark !== undefined && rev < mark.position && !mark.except.includes(sessionId)) return true;
  }
  return false;
}
