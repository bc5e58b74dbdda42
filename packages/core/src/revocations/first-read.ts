// The first time that a log is read to its end, and what waits for it.

import { withDeadline } from '../lib/deadline.js';
import type { Millis } from '../lib/duration.js';

export class FirstRead {
  /** Whether the log was read to its end; by an issuer also, whether the log knows how long to keep entries. */
  isDone = false;
  readonly #steady: () => Millis;
  #end = withResolvers();
  #begunAt = 0;

  /** @param steady - milliseconds by a clock that is never set. */
  constructor(steady: () => Millis) {
    this.#steady = steady;
  }

  /** Begins, or begins again: what was read before does not count any more. */
  begin(): void {
    this.#begunAt = this.#steady();
    if (!this.isDone) return;
    this.isDone = false;
    this.#end = withResolvers();
  }

  finish(): void {
    this.isDone = true;
    this.#end.resolve();
  }

  /** Rejects what waits. */
  fail(cause: unknown): void {
    this.#end.reject(cause);
  }

  wait(): Promise<void> {
    return this.#end.promise;
  }

  /** Waits until a deadline that counts from the beginning: an outage does not delay every request. */
  async waitUntil(deadline: Millis): Promise<void> {
    const left = this.#begunAt + deadline - this.#steady();
    if (this.isDone || left <= 0) return;
    await withDeadline(this.#end.promise, left).catch(() => undefined);
  }
}

const nothing = () => {};

function withResolvers() {
  let resolve: () => void = nothing;
  let reject: (cause: unknown) => void = nothing;
  const promise = new Promise<void>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  // It may be that nothing waits for it.
  promise.catch(nothing);
  return { promise, resolve, reject };
}
