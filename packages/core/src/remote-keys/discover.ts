// Finds the key set of an issuer from its metadata. OpenID Connect Discovery 1.0 §4, RFC 8414 §3

import { TemporarilyUnavailableError } from '../errors/errors.js';
import type { KeySource } from '../keys/key-source.js';
import { abortWhenLate } from '../lib/deadline.js';
import { refuseOption } from '../lib/options.js';
import { fetchJson } from './fetch-json.js';
import { requireFetchableUrl } from './fetch-options.js';
import { createRefreshedKeys } from './refreshed-keys.js';
import { createRemoteKeySet, fetchKeys, readRemoteOptions } from './remote-key-set.js';
import type { RemoteKeySetOptions, RemoteSettings } from './remote-key-set.js';

/** What {@link discover} found. */
export interface Discovery {
  /** The issuer as given, equal to `issuer` in its metadata. A value for the option `issuer` of a verifier. */
  readonly issuer: string;
  /** The key set of the issuer. A value for the option `keys` of a verifier. */
  readonly keys: KeySource;
  /** The whole metadata document, frozen. Only `issuer` and `jwks_uri` have been checked. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Fetches the metadata of an issuer once, now: for a server that should not start unless its issuer is right and reachable.
 * {@link discoveredKeySet} fetches it when the first token comes, and again with every load.
 *
 * Tries the OpenID Connect document (`<issuer>/.well-known/openid-configuration`), then that of RFC 8414
 * (`/.well-known/oauth-authorization-server`, before the issuer's path). Fetches both as {@link remoteKeySet} does.
 * `jwks_uri` must be a URL that `remoteKeySet` accepts, and https if the issuer is on https.
 *
 * @param issuer - exactly as in `iss`; a slash at the end counts.
 * @param options - for the key set; `deadline` also limits this call. `headers` are sent to the issuer's own origin only.
 * @throws TypeError an option is wrong, or the metadata is of another issuer or has no usable `jwks_uri`.
 * @throws {@link TemporarilyUnavailableError} (503) neither document could be fetched; `cause` says why.
 */
export async function discover(
  issuer: string,
  options: RemoteKeySetOptions = {},
): Promise<Discovery> {
  const settings = readRemoteOptions('discover', options);
  const url = requireIssuerUrl(issuer, settings);
  const metadata = await abortWhenLate(
    (signal) => fetchMetadata(url, settings, signal),
    settings.deadline,
  ).catch((cause: unknown) => {
    throw new TemporarilyUnavailableError({ cause });
  });
  const keysUrl = keySetUrl(issuer, metadata, settings);
  const keys = createRemoteKeySet(keysUrl, settingsFor(keysUrl, url, settings));
  return Object.freeze({ issuer, keys, metadata: Object.freeze(metadata) });
}

/**
 * Creates a key source for an issuer, for the option `keys` of a verifier. Looks for the key set when a key is first looked
 * up, so a server starts without the network. Each load is two requests: it fetches the issuer's metadata again and then the
 * key set that `jwks_uri` names. The rules are those of {@link discover} and {@link remoteKeySet}, but wrong metadata is a
 * failed load.
 *
 * @throws TypeError the issuer or an option is wrong; the message names it.
 */
export function discoveredKeySet(issuer: string, options: RemoteKeySetOptions = {}): KeySource {
  const settings = readRemoteOptions('discoveredKeySet', options);
  const url = requireIssuerUrl(issuer, settings);
  return createRefreshedKeys({
    ...settings,
    factory: 'discoveredKeySet',
    name: issuer,
    async load(signal) {
      const metadata = await fetchMetadata(url, settings, signal);
      const keysUrl = keySetUrl(issuer, metadata, settings);
      return fetchKeys(keysUrl, settingsFor(keysUrl, url, settings), signal);
    },
  });
}

function requireIssuerUrl(issuer: unknown, { fetch }: RemoteSettings): URL {
  const url = requireFetchableUrl('issuer', issuer, fetch.insecureHosts);
  return typeof issuer === 'string' && !issuer.includes('?')
    ? url
    : refuseOption('issuer', 'a URL as text, without query');
}

type Metadata = Readonly<Record<string, unknown>>;

/** Fetches the first of the two documents that exists. */
async function fetchMetadata(
  issuer: URL,
  { fetch }: RemoteSettings,
  signal: AbortSignal,
): Promise<Metadata> {
  const path = issuer.pathname.replace(/\/$/, '');
  const places = [
    `${path}/.well-known/openid-configuration`,
    `/.well-known/oauth-authorization-server${path}`,
  ];
  const failures: unknown[] = [];
  for (const place of places) {
    try {
      // Not `new URL(place, issuer)`: a path that begins with two slashes would name another host.
      return await fetchJson(new URL(`${issuer.origin}${place}`), fetch, signal);
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, 'no metadata could be fetched; errors says why, for each URL');
}

// The metadata must be of this issuer, or the keys of another one could sign its tokens. RFC 8414 §3.3
function keySetUrl(
  issuer: string,
  { issuer: named, jwks_uri: keysUrl }: Metadata,
  { fetch: { insecureHosts } }: RemoteSettings,
): URL {
  if (named !== issuer) {
    const other = typeof named === 'string' ? JSON.stringify(named.slice(0, 200)) : 'none';
    throw new TypeError(
      `issuer: the metadata at '${issuer}' is of the issuer ${other}. Pass the issuer exactly as its metadata names it.`,
    );
  }
  const option = `jwks_uri in the metadata of '${issuer}'`;
  const url = requireFetchableUrl(option, keysUrl, insecureHosts);
  const isAsSecure = url.protocol === new URL(issuer).protocol || url.protocol === 'https:';
  if (!isAsSecure && !insecureHosts.has(url.hostname)) {
    // Only an issuer on this machine may name a URL on this machine.
    refuseOption(option, 'an https URL, as the issuer is');
  }
  return url;
}

// The headers may hold a secret of the issuer, which another origin must not receive.
function settingsFor(keysUrl: URL, issuer: URL, settings: RemoteSettings): RemoteSettings {
  if (keysUrl.origin === issuer.origin) return settings;
  return { ...settings, fetch: { ...settings.fetch, headers: () => ({}) } };
}
