// The option `keys` of a verifier: keys in memory, key sources, or both.

import { refuseOption } from '../lib/options.js';
import { importJwkSet, isJwkSet, type JwkSet } from './jwk-set.js';
import { isKeySource, keyAmong } from './key-source.js';
import type { FoundKey, KeyID, KeyLookup, KeySource } from './key-source.js';
import { importVerificationKey, toKeySet } from './keys.js';
import type { ImportedKey, KeySet, VerificationKeyOptions } from './keys.js';

/** Keys in memory: a JWK Set, or an array of keys and JWK Sets. */
export type KeysInMemory = JwkSet | readonly (VerificationKeyOptions | JwkSet)[];

/** A value of the option `keys` of a verifier: JWK Sets and key sources, alone or with keys in an array. */
export type VerifierKeys =
  | JwkSet
  | KeySource
  | readonly (VerificationKeyOptions | JwkSet | KeySource)[];

/** Imports the keys of a verifier. @returns `inMemory`, or `loaded` when a key source loads some of the keys or all of them. */
export function readVerifierKeys(
  option: string,
  keys: unknown,
): { readonly inMemory: KeySet } | { readonly loaded: KeyLookup } {
  if (isKeySource(keys)) return { loaded: keys };
  const entries = isJwkSet(keys) ? [keys] : keys;
  if (Array.isArray(entries) && entries.length > 0) {
    const sources = entries.filter(isKeySource);
    if (sources.length === 0) return { inMemory: importVerificationKeys(keys) };
    return { loaded: mixKeys(toKeySet(importEntries(entries)), sources) };
  }
  // The value is not in the message: it may be a secret.
  throw new TypeError(
    `${option} must be a non-empty array of keys, or a key source: what remoteKeySet, discoveredKeySet or ` +
      'loadedKeySet returned, or the member `keys` of what discover resolved with (await it first). ' +
      'Or a parsed JWK Set, or an array of all these. ' +
      'To load keys in your own way, pass a function to loadedKeySet.',
  );
}

/** Imports keys in memory. Refuses private keys: a service that only verifies must not be able to sign. */
export function importVerificationKeys(keys: unknown): KeySet {
  if (isJwkSet(keys)) return toKeySet(importJwkSet('keys', keys));
  if (!Array.isArray(keys) || keys.length === 0) {
    return refuseOption('keys', 'a non-empty array of keys, or a JWK Set');
  }
  const source = keys.findIndex(isKeySource);
  if (source >= 0) {
    throw new TypeError(
      `keys[${source}] is a key source, which is accepted in the option keys of a verifier only: give keys or a JWK Set`,
    );
  }
  return toKeySet(importEntries(keys));
}

function importEntries(entries: readonly unknown[]): readonly ImportedKey[] {
  const isOnly = entries.filter((entry) => !isKeySource(entry)).length === 1;
  return entries.flatMap((entry, index) => {
    if (isKeySource(entry)) return [];
    const option = `keys[${index}]`;
    return isJwkSet(entry)
      ? importJwkSet(option, entry)
      : [importVerificationKey(option, entry, isOnly)];
  });
}

/** A place with keys of the issuer. */
type Place = Pick<KeySource, 'algorithms' | 'find' | 'holds'>;

/**
 * Combines keys in memory and key sources. If two places have one `kid`, the first of them counts: memory, then the sources in
 * their order.
 *
 * A source is asked about a `kid` only if no place has it already, so the tokens of one place cause no loads of another. A
 * source that fails does not matter if another one has the key.
 */
function mixKeys(inMemory: KeySet, sources: readonly KeySource[]): KeyLookup {
  const places: readonly Place[] = [toPlace(inMemory), ...sources];

  async function askAll(kid: KeyID, algorithm: string, failed?: ImportedKey): Promise<FoundKey> {
    const answers = await Promise.allSettled(
      places
        .filter((place) => place.algorithms.has(algorithm))
        .map(async (place) => place.find(kid, algorithm, failed)),
    );
    const [found, ...others] = answers.flatMap((answer) =>
      answer.status === 'fulfilled' && answer.value !== undefined ? [answer.value] : [],
    );
    if (kid !== undefined && found !== undefined) return found;
    // For a token without `kid` too: a source that failed may have a second key of the algorithm.
    const failure = answers.find((answer) => answer.status === 'rejected');
    if (failure) throw failure.reason;
    return others.length > 0 ? 'several' : found;
  }

  return {
    sources,
    algorithms: new Set(places.flatMap((place) => [...place.algorithms])),
    find(kid, algorithm, failed) {
      const place = places.find(({ holds }) => kid !== undefined && holds(kid, algorithm));
      return place ? place.find(kid, algorithm) : askAll(kid, algorithm, failed);
    },
  };
}

function toPlace({ byKid, algorithms }: KeySet): Place {
  return {
    algorithms,
    holds: (kid, algorithm) => byKid.get(kid)?.algorithm === algorithm,
    find: (kid, algorithm) => keyAmong(byKid, kid, algorithm),
  };
}
