// Leaf of the guard and refresh journeys: where a key is looked for. A ring at hand, or a set that is loaded and loaded
// again: who verifies does not know which.

import type { MaybePromise } from '../lib/maybe-promise.js';
import type { ImportedKey } from './keys.js';
import { isObject } from '../lib/options.js';

/**
 * Keys to verify with that are loaded, and loaded again: a value for the option `keys`. Made by `remoteKeySet`,
 * `discoveredKeySet` and `loadedKeySet`; several verifiers can share one, and then share its loads.
 */
export interface KeySource {
  /** Every algorithm that a key of it may be for: what is not here is refused before a key is looked for. */
  readonly algorithms: ReadonlySet<string>;
  /**
   * The key of an exact `kid`, or `undefined` when there is none. Asked at every request, also for a token that is
   * remembered, so that a key that has gone takes its tokens with it. A key that is at hand is answered at once; one
   * that must be fetched first is a promise.
   *
   * @throws {@link TemporarilyUnavailableError} (503), thrown or as a rejection: nothing usable is at hand.
   * @internal
   */
  find(kid: string): MaybePromise<ImportedKey | undefined>;
}

/** Whether an option holds keys that are loaded, rather than the keys themselves. */
export function isKeySource(value: unknown): value is KeySource {
  return isObject(value) && typeof value['find'] === 'function' && 'algorithms' in value;
}
