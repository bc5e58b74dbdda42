// GET /revocations: the revocation log, for services that have no other way to it.

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import {
  InvalidClientError,
  InvalidRequestError,
  RevocationsUnavailableError,
} from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { isPosition } from '../revocations/lines.js';
import { entriesPerPage, readRawPage } from '../revocations/read-page.js';
import type { Position, RevocationEntry } from '../revocations/revocation-log.js';
import type { Revocations } from '../revocations/revocations.js';
import { jsonResponse } from '../lib/http-response.js';
import type { Endpoint } from './endpoint.js';

/**
 * Decides whether a service may follow the revocation log. Compare secrets in constant time. Every answer but `true` refuses it.
 *
 * @param request - the request itself.
 */
export type FollowerAuthentication = (request: IncomingMessage) => MaybePromise<boolean>;

const maxBytes = 250 * 1_024;

/**
 * Serves the log of an issuer to those that `authenticateFollower` accepts.
 *
 * @throws TypeError the issuer has no revocations.
 */
export function serveRevocations(
  { issuer, revocations }: TokenIssuer,
  authenticateFollower: FollowerAuthentication,
): Endpoint {
  if (revocations === undefined) {
    throw new TypeError(
      'authenticateFollower needs an issuer with revocations: give them to createTokenIssuer',
    );
  }
  const readShared = shareByPosition((after) => readDocument(issuer, revocations, after));
  return async ({ tokens }, { request }) => {
    const isAccepted = await callHook(
      tokens.hooks,
      'authenticateFollower',
      () => authenticateFollower(request),
      (answer) => answer === true,
    );
    // Without a challenge: the scheme is for the application to choose.
    if (!isAccepted) throw new InvalidClientError();
    return jsonResponse(200, await readShared(readAfter(request)));
  };
}

function readAfter({ url = '' }: IncomingMessage): Position {
  const query = new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?')) : '');
  const [text = '', ...others] = query.getAll('after');
  const after = /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  if (others.length > 0 || !isPosition(after)) throw new InvalidRequestError();
  return after;
}

async function readDocument(
  issuer: string,
  { follower }: Revocations,
  after: Position,
): Promise<object> {
  const { contact, settings, log } = follower.followed;
  // Both at the time of the read: what the page does not show may be newer.
  const age = settings.maxAge === Infinity ? 0 : contact.age();
  const sent = contact.steady();
  const page = await readRawPage(log, issuer, after, entriesPerPage).catch((cause: unknown) => {
    throw new RevocationsUnavailableError({ cause });
  });
  const entries = page.entries.map(({ position, previous, text }) => [position, previous, text]);
  const count = countWithin(page.entries);
  return {
    issuer,
    head: page.head,
    from: page.from,
    everything: page.everything,
    keep: page.keep / 1_000,
    age: (age + contact.steady() - sent) / 1_000,
    entries: entries.slice(0, count),
    more: page.more || count < entries.length,
  };
}

/** How many of the entries a document may have, at least one. */
function countWithin(entries: readonly RevocationEntry[]): number {
  let size = 0;
  const last = entries.findIndex((entry, index) => {
    size += Buffer.byteLength(JSON.stringify(Object.values(entry))) + 1;
    return index > 0 && size > maxBytes;
  });
  return last === -1 ? entries.length : last;
}

/** Many followers are at the same position: those that ask during a read get its answer. */
function shareByPosition<T>(
  read: (after: Position) => Promise<T>,
): (after: Position) => Promise<T> {
  const running = new Map<Position, Promise<T>>();
  return (after) => {
    const shared = running.get(after) ?? read(after).finally(() => void running.delete(after));
    running.set(after, shared);
    return shared;
  };
}
