// Keys by `kid`: in memory, where they can be replaced, or loaded by a key source.

import { isMadeBy, type MadeBy } from '../lib/brand.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { algorithms } from './algorithm.js';
import { importVerificationKeys, type ImportedKey, type KeySet } from './keys.js';

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
}

/**
 * Verification keys that are loaded and reloaded: a value for the option `keys` of a verifier. Made by `remoteKeySet`,
 * `discoveredKeySet`, `loadedKeySet` and `discover`; an object of another origin is refused. Several verifiers can share
 * one, and then share its loads. For keys from a place of your own use `loadedKeySet`.
 */
export interface KeySource extends KeyLookup, MadeBy<KeySourceFactory> {}

const factories = ['remoteKeySet', 'discoveredKeySet', 'loadedKeySet'] as const;

export type KeySourceFactory = (typeof factories)[number];

export function isKeySource(value: unknown): value is KeySource {
  return factories.some((factory) => isMadeBy(factory, value));
}

/** Imports the keys of a verifier, or returns the source that loads them. */
export function readVerifierKeys(option: string, keys: unknown): KeySet | KeySource {
  if (isKeySource(keys)) return keys;
  if (Array.isArray(keys) && keys.length > 0) return importVerificationKeys(keys);
  // The value is not in the message: it may be a secret.
  throw new TypeError(
    `${option} must be a non-empty array of keys, or a key source: what remoteKeySet, discoveredKeySet or ` +
      'loadedKeySet returned, or the member `keys` of what discover resolved with (await it first). ' +
      'To load keys in your own way, pass a function to loadedKeySet.',
  );
}

/** Keys in memory that can be replaced while they are in use. */
export interface ReplaceableKeys<Keys extends KeySet = KeySet> extends KeyLookup {
  readonly current: Keys;
  find(kid: KeyID, algorithm: string): FoundKey;
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
    find: (kid, algorithm) => keyAmong(current.byKid, kid, algorithm),
    replace(others) {
      current = others;
    },
  };
}
