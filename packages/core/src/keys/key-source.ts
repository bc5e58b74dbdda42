// Keys by `kid`: in memory, where they can be replaced, or loaded by a key source.

import { isMadeBy, type MadeBy } from '../lib/brand.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { algorithms } from './algorithm.js';
import type { ImportedKey, KeySet } from './keys.js';

/** The key ID that a token names, or `undefined` if it names none. */
export type KeyID = string | undefined;

/** The key of a token. `'several'`: the token names no key, and more than one is for its algorithm. */
export type FoundKey = ImportedKey | undefined | 'several';

/** Finds the key of a token among loaded keys: the one with exactly this `kid`, or the only one of the algorithm. */
export function keyAmong(byKid: KeySet['byKid'], kid: KeyID, algorithm: string): FoundKey {
  if (kid !== undefined) return byKid.get(kid);
  const [only, ...others] = [...byKid.values()].filter((key) => key.algorithm === algorithm);
  return others.length === 0 ? only : 'several';
}

/** Keys by `kid`. */
export interface KeyLookup {
  /** Every algorithm that a key may be for. A token with another `alg` is refused before its key is looked up. */
  readonly algorithms: ReadonlySet<string>;
  /**
   * Returns the key of a token. Called for every request, also when the token is cached, so that a removed key stops its
   * tokens. Returns a promise only when the key must be loaded first.
   *
   * @param kid - the key ID in the header of the token. `undefined`: the token has none, and its key is the only one of
   * `algorithm`.
   * @param failed - a key that the signature was not made with. For a token without `kid`: asks for keys that came later.
   * @throws {@link TemporarilyUnavailableError} (503), thrown or as a rejection: no usable keys could be loaded.
   * @internal
   */
  find(kid: KeyID, algorithm: string, failed?: ImportedKey): MaybePromise<FoundKey>;
  /** @internal The key sources among several places with keys. */
  readonly sources?: readonly KeySource[];
}

/**
 * Verification keys that are loaded and reloaded: a value for the option `keys` of a verifier. Made by `remoteKeySet`,
 * `discoveredKeySet`, `loadedKeySet` and `discover`; an object of another origin is refused. Several verifiers can share
 * one, and then share its loads. For keys from a place of your own use `loadedKeySet`.
 */
export interface KeySource extends KeyLookup, MadeBy<KeySourceFactory> {
  /** Whether a key is loaded. Starts no load. @internal */
  holds(kid: string, algorithm: string): boolean;
}

const factories = ['remoteKeySet', 'discoveredKeySet', 'loadedKeySet'] as const;

export type KeySourceFactory = (typeof factories)[number];

export function isKeySource(value: unknown): value is KeySource {
  return factories.some((factory) => isMadeBy(factory, value));
}

/** Keys in memory that can be replaced while they are in use. */
export interface ReplaceableKeys<Keys extends KeySet = KeySet> extends KeyLookup {
  readonly current: Keys;
  find(kid: KeyID, algorithm: string): FoundKey;
  /** Replaces all keys. From now on, tokens of a key that is not among the new ones are refused. */
  replace(keys: Keys): void;
}

export function isReplaceable(keys: KeyLookup): keys is ReplaceableKeys {
  return 'replace' in keys;
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
    find: (kid, algorithm) => keyAmong(current.byKid, kid, algorithm),
    replace(others) {
      current = others;
    },
  };
}
