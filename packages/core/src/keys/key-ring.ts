// Leaf of the guard and refresh journeys: keys that are at hand, and can be exchanged while they are in use.

import { algorithms } from './algorithm.js';
import type { KeySource } from './key-source.js';
import type { ImportedKey, KeySet } from './keys.js';

/** Keys at hand. */
export interface KeyRing<Keys extends KeySet = KeySet> extends KeySource {
  readonly current: Keys;
  find(kid: string): ImportedKey | undefined;
  /** Takes other keys instead: from now on, what only the former ones vouch for is refused. */
  replace(keys: Keys): void;
}

export function createKeyRing<Keys extends KeySet>(keys: Keys): KeyRing<Keys> {
  let current = keys;
  return {
    get current() {
      return current;
    },
    // All, since the keys can be replaced by keys for any other: after a change of algorithm a token of before names a key
    // that is gone, not a wrong algorithm.
    algorithms: new Set(algorithms),
    find: (kid) => current.byKid.get(kid),
    replace(others) {
      current = others;
    },
  };
}
