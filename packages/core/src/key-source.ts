// Leaf of the guard and refresh journeys: where a key is looked for. A ring at hand, or a set that is loaded and loaded
// again: who verifies does not know which.

import type { Awaitable } from './awaitable.js';
import type { ImportedKey } from './keys.js';

/** Where a verifier finds keys. */
export interface KeySource {
  /** Every algorithm that a key of it may be for: what is not here is refused before a key is looked for. */
  readonly algorithms: ReadonlySet<string>;
  /**
   * The key of an exact `kid`, or `undefined` when there is none. Asked at every request, also for a token that is
   * remembered, so that a key that has gone takes its tokens with it. A key that is at hand is answered at once; one
   * that must be fetched first is a promise.
   *
   * @throws {@link TemporarilyUnavailableError} no usable keys are at hand and none can be had.
   */
  find(kid: string): Awaitable<ImportedKey | undefined>;
}
