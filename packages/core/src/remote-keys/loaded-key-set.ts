// Keys that the application loads itself, from a file, a database or a key service.

import { algorithms } from '../keys/algorithm.js';
import type { KeySource } from '../keys/key-source.js';
import { importVerificationKeys, type KeysInMemory } from '../keys/verifier-keys.js';
import { refuseOption } from '../lib/options.js';
import { createRefreshedKeys, readRefreshOptions } from './refreshed-keys.js';
import type { KeyRefreshOptions } from './refreshed-keys.js';

/** Returns all present keys: an array, or a parsed JWK Set. When the signal is aborted the answer is too late, and the work can stop. */
export type LoadKeys = (signal: AbortSignal) => Promise<KeysInMemory>;

/**
 * Creates a key source from a function of the application, for the option `keys` of a verifier. Calls the function when a
 * key is first looked up and then as the options say, one call at a time.
 *
 * Checks each answer like an array of keys in the option itself. A wrong answer (no keys, two keys with one `kid`, a
 * private key) is a failed load, and so is a rejection: the last good keys stay in use for `staleFor`, then requests get
 * 503. A key that is missing from an answer is refused from then on.
 *
 * @throws TypeError `load` is not a function, or an option is wrong. Nothing has been loaded yet.
 */
export function loadedKeySet(load: LoadKeys, options: KeyRefreshOptions = {}): KeySource {
  if (typeof load !== 'function') refuseOption('load', 'a function', load);
  const factory = 'loadedKeySet';
  return createRefreshedKeys({
    ...readRefreshOptions(factory, options),
    factory,
    name: factory,
    algorithms,
    load: async (signal) => importVerificationKeys(await load(signal)).byKid,
  });
}
