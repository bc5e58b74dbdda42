// GET /sessions, DELETE /sessions/:id, POST /logout-all: the sessions of the subject of an access token. Refused when the
// session of the access token has ended, even if the token is still valid.

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import { InvalidRequestError, SessionRevokedError } from '../errors/errors.js';
import { emptyResponse, jsonResponse, type HttpResponse } from '../lib/http-response.js';
import { listSessions } from '../issue/list-sessions.js';
import type { SessionInfo } from '../issue/session-details.js';
import { openRefreshToken } from '../issue/refresh-token.js';
import { revokeAllOf, revokeFor } from '../issue/revoke-session.js';
import { isSubject } from '../lib/subject.js';
import { requireFresh } from '../verify/require-fresh.js';
import type { VerifiedToken } from '../verify/verified-token.js';
import { verifyAuthorizationHeader } from '../verify/verify-bearer.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { readParameters, type Parameters } from './read-parameters.js';

/** Lists the caller's sessions, the most recently refreshed first. Times are seconds, as everywhere in responses. */
export const getSessions: Endpoint = async (context, { request }) => {
  const caller = await verifyCaller(context, request);
  const { sessions, current } = await sessionsOf(context.tokens, caller);
  return jsonResponse(200, {
    sessions: sessions.map((session) => ({
      session_id: session.sessionId,
      current: session === current,
      created_at: wholeSeconds(session.createdAt),
      refreshed_at: wholeSeconds(session.refreshedAt),
      idle_at: wholeSeconds(session.idleAt),
      expires_at: wholeSeconds(session.expiresAt),
      scope: session.scope,
      metadata: session.metadata,
    })),
  });
};

/** Ends one of the caller's sessions. The response for another subject's session and for an ended one is the same. */
export const deleteSession: Endpoint = async (context, { request }, id) => {
  const { tokens } = context;
  const { sessions } = await sessionsOf(tokens, await verifyFreshCaller(context, request));
  const session = sessions.find(({ sessionId }) => sessionId === id);
  if (session) await revokeFor(tokens, { sessionId: id }, undefined, context.describe(request));
  return emptyResponse(clearIfEnded(context, request, session ? [id] : []));
};

/** Ends all of the caller's sessions, or with `keep_current` all others. The response says how many. */
export const logoutAll: Endpoint = async (context, { request, body }) => {
  const { tokens } = context;
  const caller = await verifyFreshCaller(context, request);
  const keepCurrent = readKeepCurrent(await readParameters(request, body, tokens.hooks.deadline));
  const { current, holder } = await sessionsOf(tokens, caller);
  const except = keepCurrent ? current.sessionId : undefined;
  const described = context.describe(request);
  const { ended: revoked } = await revokeAllOf(tokens, holder, except, described);
  const headers = clearIfEnded(context, request, revoked);
  return jsonResponse(200, { revoked: revoked.length }, headers);
};

// Only by the `Authorization` header: a browser sends cookies by itself, also with requests that its user did not intend.
function verifyCaller(
  { tokens, describe }: EndpointContext,
  request: IncomingMessage,
): Promise<VerifiedToken> {
  return verifyAuthorizationHeader(tokens.verifier, request, () => ({
    request: () => describe(request),
  }));
}

async function verifyFreshCaller(
  context: EndpointContext,
  request: IncomingMessage,
): Promise<VerifiedToken> {
  const { freshWithin } = context;
  const caller = await verifyCaller(context, request);
  if (freshWithin !== undefined) requireFresh(caller, freshWithin);
  return caller;
}

interface CallersSessions {
  /** Whose sessions they are: the subject, or the actor who acts for it. */
  readonly holder: string;
  readonly sessions: readonly SessionInfo[];
  readonly current: SessionInfo;
}

async function sessionsOf(tokens: TokenIssuer, token: VerifiedToken): Promise<CallersSessions> {
  const holder = token.actor?.subject ?? token.subject;
  // A token of another issuer may name a subject that no session can have.
  const sessions = isSubject(holder) ? await listSessions(tokens, holder) : [];
  const current = sessions.find(({ sessionId }) => sessionId === token.sessionId);
  if (current === undefined) throw new SessionRevokedError(tokens.verifier.space);
  return { holder, sessions, current };
}

// Clears the cookie only if this request has ended its session: it may belong to another login.
function clearIfEnded(
  { tokens, transport }: EndpointContext,
  request: IncomingMessage,
  ended: readonly string[],
): HttpResponse['headers'] {
  return transport.clearingHeadersWhere(request, (cookie) => {
    const presented = openRefreshToken(tokens.refreshKeys, cookie);
    return presented !== undefined && ended.includes(presented.sessionId);
  });
}

function readKeepCurrent(parameters: Parameters): boolean {
  const value = Object.hasOwn(parameters, 'keep_current') ? parameters['keep_current'] : false;
  // In a form, every value is text.
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new InvalidRequestError();
}

function wholeSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
