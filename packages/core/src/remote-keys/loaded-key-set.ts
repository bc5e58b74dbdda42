// Beside the guard journey: keys that the application loads itself, from a file, a database or a key service.

import { algorithms } from '../keys/algorithm.js';
import { readKeyRefreshing, type KeyRefreshOptions } from './key-refreshing.js';
import type { KeySource } from '../keys/key-source.js';
import { importVerificationKeys, type VerificationKeyOptions } from '../keys/keys.js';
import { refuseOption } from '../lib/options.js';
import { createRefreshedKeys } from './refreshed-keys.js';

/** Answers all keys there are now. What it does may stop when the signal is aborted: its answer is too late then. */
export type LoadKeys = (signal: AbortSignal) => Promise<readonly VerificationKeyOptions[]>;

/**
 * Keys from a function of the application, for the option `keys` of a verifier. It is called when a key is first
 * asked for, then as the options say; never twice at a time.
 *
 * Its answer is checked like an array of keys that is given at once. A wrong one (no key at all, two of one `kid`, a private
 * key) is a load that failed, as is a rejection: the last good keys stay in use for `staleFor`, then requests get 503.
 * A key that is not answered any more is refused from then on.
 *
 * @throws TypeError naming the option that is wrong. Nothing is loaded yet.
 */
export function loadedKeySet(load: LoadKeys, options: KeyRefreshOptions = {}): KeySource {
  if (typeof load !== 'function') refuseOption('load', 'a function', load);
  const name = 'loadedKeySet';
  return createRefreshedKeys(
    {
      name,
      algorithms: new Set(algorithms),
      load: async (signal) => importVerificationKeys(await load(signal)).byKid,
    },
    readKeyRefreshing(name, options),
  );
}
