// The public keys of another issuer, from its JWK set. RFC 7517 §5

import { algorithms as allAlgorithms, secretLength, type Algorithm } from '../keys/algorithm.js';
import type { KeySource } from '../keys/key-source.js';
import { importJwk, type ImportedKey, type KeySet } from '../keys/keys.js';
import { refuseOption, requireOneOf } from '../lib/options.js';
import { failFetch, fetchJson } from './fetch-json.js';
import { fetchOptionNames, readFetchOptions, requireFetchableUrl } from './fetch-options.js';
import type { FetchOptions, FetchSettings } from './fetch-options.js';
import { createRefreshedKeys, isSameKey, readRefreshOptions } from './refreshed-keys.js';
import type { KeyRefreshOptions, RefreshSettings } from './refreshed-keys.js';

/** Options of {@link remoteKeySet}, `discoveredKeySet` and `discover`. */
export interface RemoteKeySetOptions extends KeyRefreshOptions, FetchOptions {
  /**
   * Algorithms that the keys may be for, asymmetric ones only. A key without `alg` is for the first of these that fits it,
   * and for no other.
   * @defaultValue RS256, which OpenID Connect requires of every issuer; then RS384, RS512, PS256, PS384, PS512, ES256,
   * ES384, ES512, EdDSA, Ed25519
   */
  readonly algorithms?: readonly Algorithm[] | undefined;
}

// Each key costs an import, so a longer set would only keep this process busy.
const maxKeys = 100;

/**
 * Creates a key source for the JWK set at a URL, for the option `keys` of a verifier. Fetches nothing until a key is first
 * looked up.
 *
 * Fetches over https and verifies the server's certificate before anything is sent (http from a loopback host only, and from `allowInsecureHosts`).
 * Accepts status 200, at most 512 KB of JSON and at most 100 keys, and follows no redirect. Uses asymmetric public keys
 * whose `use`, `key_ops` and `alg` allow one of `algorithms`. Ignores shared secrets (`kty: oct`), private
 * keys, and every `kid` that two different keys share. A set without a usable key is a failed load.
 *
 * The options say how long a set is kept. While loading fails, the last good set stays in use for `staleFor`. After that,
 * and before the first good set, requests get 503 `temporarily_unavailable` with the reason as `cause`.
 *
 * @throws TypeError the URL or an option is wrong; the message names it.
 * @see RFC 7517 §5, RFC 8725 §3.1
 */
export function remoteKeySet(url: string | URL, options: RemoteKeySetOptions = {}): KeySource {
  const settings = readRemoteOptions('remoteKeySet', options);
  return createRemoteKeySet(
    requireFetchableUrl('url', url, settings.fetch.insecureHosts),
    settings,
  );
}

export function createRemoteKeySet(url: URL, settings: RemoteSettings): KeySource {
  return createRefreshedKeys({
    ...settings,
    factory: 'remoteKeySet',
    name: `${url.origin}${url.pathname}`,
    load: (signal) => fetchKeys(url, settings, signal),
  });
}

/** Fetches a key set once. @throws Error it could not be fetched, or none of its keys can be used. */
export async function fetchKeys(
  url: URL,
  { algorithms, fetch }: RemoteSettings,
  signal: AbortSignal,
): Promise<KeySet['byKid']> {
  const { keys } = await fetchJson(url, fetch, signal);
  if (!Array.isArray(keys)) failFetch(url, 'answered with JSON that is not a key set');
  if (keys.length > maxKeys) failFetch(url, `answered with more than ${maxKeys} keys`);
  const usable = keys.flatMap((jwk: unknown) => importJwk(jwk, algorithms) ?? []);
  const byKid = withoutAmbiguousKids(usable);
  if (byKid.size === 0) failFetch(url, 'answered with a key set in which no key can be used');
  return byKid;
}

// If two different keys share a kid, it is unknown which one is meant. The same key twice counts once.
function withoutAmbiguousKids(keys: readonly ImportedKey[]): KeySet['byKid'] {
  const byKid = new Map(keys.map((key) => [key.kid, key]));
  for (const key of keys) {
    const other = byKid.get(key.kid);
    if (other && !isSameKey(key, other)) byKid.delete(key.kid);
  }
  return byKid;
}

/** Checked {@link RemoteKeySetOptions}. */
export interface RemoteSettings extends RefreshSettings {
  readonly algorithms: readonly Algorithm[];
  readonly fetch: FetchSettings;
}

export function readRemoteOptions(what: string, options: RemoteKeySetOptions): RemoteSettings {
  const refresh = readRefreshOptions(what, options, ['algorithms', ...fetchOptionNames]);
  const { algorithms = publicAlgorithms } = options;
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    refuseOption('algorithms', 'a non-empty array of algorithms', algorithms);
  }
  return {
    ...refresh,
    algorithms: algorithms.map((name) => requireOneOf('algorithms', name, publicAlgorithms)),
    fetch: readFetchOptions(options),
  };
}

// A published secret is not secret, so HS256, HS384 and HS512 are left out.
const publicAlgorithms: readonly Algorithm[] = allAlgorithms.filter(
  (name) => secretLength(name) === undefined,
);
