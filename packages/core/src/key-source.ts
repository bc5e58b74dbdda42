// Leaf of the guard journey: where a verifier finds keys.

import type { ImportedKey } from './keys.js';

/**
 * Keys to verify with that are loaded, and loaded again: a value for the option `keys`. Made by `remoteKeySet`,
 * `discoveredKeySet` and `loadedKeySet`; several verifiers can share one, and then share its loads.
 */
export interface KeySource {
  /** Every algorithm that a key of it may be for: what is not here is refused before a key is looked for. */
  readonly algorithms: ReadonlySet<string>;
  /**
   * The key of a kid, exact; `undefined` when there is no such key. A value when it is at hand, which costs a look-up
   * and a comparison of times; a promise when something has to be loaded first.
   *
   * @throws {@link TemporarilyUnavailableError} (503), thrown or as a rejection: nothing usable is at hand.
   * @internal
   */
  find(kid: string): ImportedKey | undefined | Promise<ImportedKey | undefined>;
}
