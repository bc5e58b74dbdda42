// Beside the guard journey: from an issuer to its key set. OpenID Connect Discovery 1.0 §4, RFC 8414 §3

import { abortWhenLate } from '../lib/deadline.js';
import { TemporarilyUnavailableError } from '../errors/errors.js';
import { fetchJson, requireFetchableUrl } from './fetch-json.js';
import type { KeySource } from '../keys/key-source.js';
import { refuseOption } from '../lib/options.js';
import { createRefreshedKeys } from './refreshed-keys.js';
import { createRemoteKeySet, fetchKeys, readRemoteOptions } from './remote-key-set.js';
import type { RemoteKeySetOptions, RemoteSettings } from './remote-key-set.js';

/** What an issuer says of itself. */
export interface Discovery {
  /** As given, and word for word as the issuer writes itself: the option `issuer` of a verifier. */
  readonly issuer: string;
  /** The issuer's key set: the option `keys` of a verifier. */
  readonly keys: KeySource;
  /** The whole document, frozen. Only its `issuer` and `jwks_uri` have been looked at. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * Asks an issuer where its keys are, once, now: for a server that should not start unless its issuer is right and there.
 * {@link discoveredKeySet} asks when the first token comes, and again with every load.
 *
 * Looks for the OpenID Connect document (`<issuer>/.well-known/openid-configuration`), then for that of RFC 8414
 * (`/.well-known/oauth-authorization-server`, before the issuer's path). Both are fetched as {@link remoteKeySet} fetches, and
 * `jwks_uri` must be a URL that it takes: https, for an issuer that is on https.
 *
 * @param issuer - word for word what stands in `iss`; a slash at the end counts.
 * @param options - those of the key set; `deadline` is also for this call. `headers` go to the issuer's own host only.
 * @throws TypeError an option is wrong, or the document is of another issuer or names no key set that could be used.
 * @throws {@link TemporarilyUnavailableError} (503) neither document could be had; why is its `cause`.
 */
export async function discover(
  issuer: string,
  options: RemoteKeySetOptions = {},
): Promise<Discovery> {
  const settings = readRemoteOptions('discover', options);
  const url = requireIssuerUrl(issuer);
  const metadata = await fetchNow(url, settings);
  const place = keySetUrl(issuer, metadata);
  const keys = createRemoteKeySet(place, settingsFor(place, url, settings));
  return Object.freeze({ issuer, keys, metadata: Object.freeze(metadata) });
}

/**
 * The key set of an issuer, for the option `keys` of a verifier: found when a key is first asked for, so that a server
 * starts without the network. Each load reads the issuer's metadata again and follows where it points, so it is two
 * requests; the rules are those of {@link discover} and {@link remoteKeySet}. Whatever is wrong with the metadata is a load
 * that failed.
 *
 * @throws TypeError naming the option that is wrong.
 */
export function discoveredKeySet(issuer: string, options: RemoteKeySetOptions = {}): KeySource {
  const settings = readRemoteOptions('discoveredKeySet', options);
  const url = requireIssuerUrl(issuer);
  return createRefreshedKeys(
    {
      name: issuer,
      algorithms: new Set(settings.algorithms),
      async load(signal) {
        const metadata = await fetchMetadata(url, settings, signal);
        const place = keySetUrl(issuer, metadata);
        return fetchKeys(place, settingsFor(place, url, settings), signal);
      },
    },
    settings.refreshing,
  );
}

function requireIssuerUrl(issuer: unknown): URL {
  const url = requireFetchableUrl('issuer', issuer);
  if (typeof issuer !== 'string' || issuer.includes('?')) {
    return refuseOption('issuer', 'the text of a URL without query');
  }
  return url;
}

async function fetchNow(issuer: URL, settings: RemoteSettings): Promise<Metadata> {
  try {
    return await abortWhenLate(
      (signal) => fetchMetadata(issuer, settings, signal),
      settings.refreshing.deadline,
    );
  } catch (cause) {
    throw new TemporarilyUnavailableError({ cause });
  }
}

type Metadata = Readonly<Record<string, unknown>>;

/** The first of the two documents that there is. */
async function fetchMetadata(
  issuer: URL,
  { fetching }: RemoteSettings,
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
      return await fetchJson(withPath(issuer, place), fetching, signal);
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, 'no metadata was found');
}

// Not resolved against the other: a path that begins with two slashes would be another host.
function withPath(url: URL, path: string): URL {
  const other = new URL(url);
  other.pathname = path;
  return other;
}

// Metadata of another issuer must not be used: its keys would vouch for a name that is not theirs. RFC 8414 §3.3
function keySetUrl(issuer: string, { issuer: named, jwks_uri: keysUrl }: Metadata): URL {
  if (named !== issuer) {
    const other = typeof named === 'string' ? JSON.stringify(named.slice(0, 200)) : 'none';
    throw new TypeError(`issuer: the metadata at '${issuer}' is of the issuer ${other}`);
  }
  const option = `jwks_uri in the metadata of '${issuer}'`;
  const url = requireFetchableUrl(option, keysUrl);
  if (url.protocol !== new URL(issuer).protocol && url.protocol !== 'https:') {
    // Only an issuer on this machine may speak of a place on this machine.
    refuseOption(option, 'an https URL, as the issuer is');
  }
  return url;
}

// What a header tells the issuer, a key perhaps, is not for whoever keeps its key set.
function settingsFor(place: URL, issuer: URL, settings: RemoteSettings): RemoteSettings {
  if (place.origin === issuer.origin) return settings;
  return { ...settings, fetching: { ...settings.fetching, headers: {} } };
}
