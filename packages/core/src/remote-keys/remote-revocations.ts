// Follows the revocation log of an issuer over HTTP, for services that do not share its Redis.

import * as http from 'node:http';
import * as https from 'node:https';

import { checkOptions } from '../lib/options.js';
import { followOptionNames, LogRevocations } from '../revocations/log-revocations.js';
import { logDeadline } from '../revocations/read-page.js';
import type { RevocationEntry, RevocationPage } from '../revocations/revocation-log.js';
import type { FollowOptions, Revocations } from '../revocations/revocations.js';
import { failFetch, fetchJson } from './fetch-json.js';
import {
  fetchOptionNames,
  readFetchOptions,
  requireFetchableUrl,
  type FetchOptions,
  type FetchSettings,
} from './fetch-options.js';

/** Options of {@link remoteRevocations}. */
export interface RemoteRevocationsOptions extends FollowOptions, FetchOptions {}

/**
 * Follows the revocation log that an issuer serves at `<mount>/revocations`, for the option `revocations` of a verifier. It cannot
 * announce: an issuer that gets it throws a TypeError.
 *
 * Asks every `pollInterval` (1 second by default) over a connection that is kept open, so a logout is known after about 1.5
 * seconds. Choose a `maxAge` of at least 5 seconds. A request takes at most 3 seconds, and the rules of `remoteKeySet` hold: https,
 * a verified certificate, status 200, at most 512 KB, no redirect. A page that names another issuer, or that does not say how old
 * it is, changes nothing and is no contact.
 *
 * @param url - for example `https://login.example.com/auth/revocations`.
 * @throws TypeError the URL or an option is wrong; the message names it.
 * @example
 * ```ts
 * const revocations = remoteRevocations('https://login.example.com/auth/revocations', {
 *   headers: { authorization: `Bearer ${process.env.FOLLOWER_SECRET}` },
 * });
 * const verifier = createTokenVerifier({ issuer, audience, keys, revocations });
 * ```
 */
export function remoteRevocations(
  url: string | URL,
  options: RemoteRevocationsOptions = {},
): Revocations {
  const names = [...fetchOptionNames, ...followOptionNames];
  const checked = checkOptions('remoteRevocations', options, names);
  const fetch = readFetchOptions(checked);
  const source = requireFetchableUrl('url', url, fetch.insecureHosts);
  // With an agent, even Node's own, the connection is kept open.
  const ownAgent = source.protocol === 'https:' ? https.globalAgent : http.globalAgent;
  const agent = fetch.fetch === undefined ? (fetch.agent ?? ownAgent) : undefined;
  const settings = { ...fetch, agent };
  return new LogRevocations(
    {
      async read(_issuer, after, limit, { signal } = {}) {
        const page = await fetchPage(
          source,
          after,
          settings,
          signal ?? AbortSignal.timeout(logDeadline),
        );
        return limit === 0 ? { ...page, more: false, entries: [] } : page;
      },
    },
    checked,
    { pollInterval: 1 },
  );
}

async function fetchPage(
  source: URL,
  after: number,
  settings: FetchSettings,
  signal: AbortSignal,
): Promise<RevocationPage> {
  const url = new URL(source);
  url.searchParams.set('after', String(after));
  const document = await fetchJson(url, settings, signal);
  const { issuer, head, from, everything, keep, age, entries, more } = document;
  const hasForm =
    typeof issuer === 'string' &&
    typeof keep === 'number' &&
    typeof age === 'number' &&
    typeof more === 'boolean' &&
    Array.isArray(entries) &&
    entries.every((entry) => Array.isArray(entry) && entry.length === 3);
  if (!hasForm) failFetch(url, 'answered with JSON that is not a page of a revocation log');
  return {
    issuer,
    // What they are is checked where every page is checked.
    head: head as number,
    from: from as number,
    everything: everything as number,
    keep: keep * 1_000,
    age: age * 1_000,
    entries: (entries as [number, number, string][]).map(
      ([position, previous, text]): RevocationEntry => ({ position, previous, text }),
    ),
    more,
  };
}
