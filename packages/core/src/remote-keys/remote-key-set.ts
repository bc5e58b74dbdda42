// Beside the guard journey: the public keys of another issuer, from its JWK set. RFC 7517 §5

import { algorithms as allAlgorithms, secretLength, type Algorithm } from '../keys/algorithm.js';
import {
  fail,
  fetchJson,
  fetchOptionNames,
  readFetchOptions,
  requireFetchableUrl,
} from './fetch-json.js';
import type { Fetching, FetchOptions } from './fetch-json.js';
import { importJwk } from '../keys/jwk.js';
import { readKeyRefreshing, type KeyRefreshOptions, type KeyRefreshing } from './key-refreshing.js';
import type { KeySource } from '../keys/key-source.js';
import type { ImportedKey } from '../keys/keys.js';
import { refuseOption, requireOneOf } from '../lib/options.js';
import { createRefreshedKeys, isSameKey } from './refreshed-keys.js';

/** Options of {@link remoteKeySet}, `discoveredKeySet` and `discover`. */
export interface RemoteKeySetOptions extends KeyRefreshOptions, FetchOptions {
  /**
   * Algorithms that the keys may be for, asymmetric ones only. The order counts for a key that does not say its own
   * (`alg`): it is for the first that fits it, and for no other.
   * @defaultValue RS256, which OpenID Connect makes every issuer speak; then RS384, RS512, PS256, PS384, PS512, ES256,
   * ES384, ES512, EdDSA, Ed25519
   */
  readonly algorithms?: readonly Algorithm[] | undefined;
}

// More is no key set but an attempt to keep us busy: each key costs an import.
const maxKeys = 100;

/**
 * The key set at a URL, for the option `keys` of a verifier. Nothing is fetched before a key is first asked for.
 *
 * What is fetched: https with a certificate that is verified before anything is sent (http from a loopback host only),
 * status 200, no redirect, at most 512 KB of JSON with at most 100 keys. What is used of it: asymmetric public keys that have a `kid` and are, by `use`,
 * `key_ops` and `alg`, for one of `algorithms`. Left out: shared secrets (`kty: oct`), private keys, and a `kid` that
 * stands for two different keys. A set without one usable key is a load that failed.
 *
 * The whole set is kept as the options say. While loading fails the last good set stays in use for `staleFor`; then,
 * and while there has been none yet, requests get 503 `temporarily_unavailable` with what went wrong as `cause`.
 *
 * @throws TypeError naming the option that is wrong.
 * @see RFC 7517 §5, RFC 8725 §3.1
 */
export function remoteKeySet(url: string | URL, options: RemoteKeySetOptions = {}): KeySource {
  const settings = readRemoteOptions('remoteKeySet', options);
  return createRemoteKeySet(requireFetchableUrl('url', url), settings);
}

export function createRemoteKeySet(url: URL, settings: RemoteSettings): KeySource {
  return createRefreshedKeys(
    {
      name: `${url.origin}${url.pathname}`,
      algorithms: new Set(settings.algorithms),
      load: (signal) => fetchKeys(url, settings, signal),
    },
    settings.refreshing,
  );
}

/** Loads a set once. @throws Error it could not be had, or nothing in it can be used. */
export async function fetchKeys(
  url: URL,
  { algorithms, fetching }: RemoteSettings,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ImportedKey>> {
  const { keys } = await fetchJson(url, fetching, signal);
  if (!Array.isArray(keys)) fail(url, 'answered with JSON that is no key set');
  if (keys.length > maxKeys) fail(url, `answered with more than ${maxKeys} keys`);
  const usable = keys.flatMap((jwk: unknown) => importJwk(jwk, algorithms) ?? []);
  const byKid = onePerKid(usable);
  if (byKid.size === 0) fail(url, 'answered with a key set in which no key can be used');
  return byKid;
}

// Of two keys under one name neither can be told to be meant. The same key twice is one.
function onePerKid(keys: readonly ImportedKey[]): ReadonlyMap<string, ImportedKey> {
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  for (const key of keys) {
    const other = byKid.get(key.kid);
    if (other && !isSameKey(key, other)) byKid.delete(key.kid);
  }
  return byKid;
}

/** Checked {@link RemoteKeySetOptions}. */
export interface RemoteSettings {
  readonly algorithms: readonly Algorithm[];
  readonly fetching: Fetching;
  readonly refreshing: KeyRefreshing;
}

export function readRemoteOptions(what: string, options: RemoteKeySetOptions): RemoteSettings {
  const refreshing = readKeyRefreshing(what, options, ['algorithms', ...fetchOptionNames]);
  const { algorithms = publicAlgorithms } = options;
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    refuseOption('algorithms', 'a non-empty array of algorithms', algorithms);
  }
  return {
    // A shared secret is not shared by publishing it.
    algorithms: algorithms.map((name: unknown) =>
      requireOneOf('algorithms', name, publicAlgorithms),
    ),
    fetching: readFetchOptions(options),
    refreshing,
  };
}

const publicAlgorithms: readonly Algorithm[] = allAlgorithms.filter(
  (name) => secretLength(name) === undefined,
);
