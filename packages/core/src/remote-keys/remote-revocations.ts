// Follows the revocation log of an issuer over HTTP, for services that do not share its Redis.

import { globalAgent as httpAgent } from 'node:http';
import { globalAgent as httpsAgent } from 'node:https';

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
  const ownAgent = source.protocol === 'https:' ? httpsAgent : httpAgent;
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
    { pollInterval: 1, log: 'http' },
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
  return (
    readDocument(await fetchJson(url, settings, signal)) ??
    failFetch(url, 'answered with JSON that is not a page of a revocation log')
  );
}

/** The page that a document is; what its positions are is checked where every page is checked. */
function readDocument(document: Record<string, unknown>): RevocationPage | undefined {
  const { issuer, head, from, everything, keep, age, entries, more } = document;
  const hasForm =
    typeof issuer === 'string' &&
    typeof head === 'number' &&
    typeof from === 'number' &&
    typeof everything === 'number' &&
    typeof keep === 'number' &&
    typeof age === 'number' &&
    typeof more === 'boolean' &&
    Array.isArray(entries);
  if (!hasForm) return undefined;
  const read = entries.flatMap((entry: unknown) => readEntry(entry) ?? []);
  if (read.length < entries.length) return undefined;
  const [keepFor, ageOf] = [keep * 1_000, age * 1_000];
  return { issuer, head, from, everything, keep: keepFor, age: ageOf, more, entries: read };
}

function readEntry(entry: unknown): RevocationEntry | undefined {
  if (!Array.isArray(entry) || entry.length !== 3) return undefined;
  const [position, previous, text] = entry as readonly unknown[];
  const hasForm =
    typeof position === 'number' && typeof previous === 'number' && typeof text === 'string';
  return hasForm ? { position, previous, text } : undefined;
}
