// Sends a statement again while Postgres has undone it for another one's sake.

import { codeOf } from './client-error.js';
import type { Answer } from './client.js';

/** A serialization failure and a deadlock. */
const isUndone = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error) ?? '');

export interface Repetition {
  /** By the monotonic clock, in milliseconds. */
  readonly end: number;
  /** Whether the answer says that the statement has met another one, and did nothing. */
  readonly hasMet?: ((answer: Answer) => boolean) | undefined;
  readonly onRepeat?: (() => void) | undefined;
}

/** @throws Error there was no time left; or what `send` rejects with. */
export async function sendUntilDone(
  send: () => Promise<Answer>,
  { end, hasMet = () => false, onRepeat }: Repetition,
): Promise<Answer> {
  for (;;) {
    // Nothing is sent whose answer cannot come in time.
    if (end - performance.now() < 2)
      throw new Error('there was no time left to send the statement');
    try {
      const answer = await send();
      if (!hasMet(answer)) return answer;
    } catch (error) {
      if (!isUndone(error)) throw error;
    }
    onRepeat?.();
  }
}
