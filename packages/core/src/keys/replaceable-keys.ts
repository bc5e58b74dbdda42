// Keys in memory that can be replaced while they are in use.

import { algorithms } from './algorithm.js';
import type { KeyLookup } from './key-source.js';
import type { ImportedKey, KeySet } from './keys.js';

/** Keys in memory. */
export interface ReplaceableKeys<Keys extends KeySet = KeySet> extends KeyLookup {
  readonly current: Keys;
  find(kid: string): ImportedKey | undefined;
  /** Replaces all keys. From now on, tokens of a key that is not among the new ones are refused. */
  replace(keys: Keys): void;
}

export function createReplaceableKeys<Keys extends KeySet>(keys: Keys): ReplaceableKeys<Keys> {
  let current = keys;
  return {
    get current() {
      return current;
    },
    // All of them, because the next keys may be for any algorithm. After a change of algorithm an older token then names
    // an unknown key (and its client refreshes), not a wrong algorithm.
    algorithms: new Set(algorithms),
    find: (kid) => current.byKid.get(kid),
    replace(others) {
      current = others;
    },
  };
}
