// GET /sessions, DELETE /sessions/:id, POST /logout-all: what the holder of an access token may do to the sessions of
// its subject. A session that has ended may do nothing any more, though its access token may still be valid.

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import { InvalidRequestError, SessionRevokedError } from '../errors/errors.js';
import { emptyResponse, jsonResponse, type HttpResponse } from '../lib/http-response.js';
import { listSessions, type SessionInfo } from '../issue/list-sessions.js';
import { openRefreshToken } from '../issue/refresh-token.js';
import { revokeSession, revokeSubject } from '../issue/revoke-session.js';
import { isSubject } from '../lib/subject.js';
import type { VerifiedToken } from '../verify/verified-token.js';
import { verifyAuthorizationHeader } from '../verify/verify-bearer.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { readParameters, type Parameters } from './read-parameters.js';

/** The caller's sessions, the most recently refreshed first. Instants are seconds, as everywhere on the wire. */
export const getSessions: Endpoint = async ({ tokens }, { request }) => {
  const caller = await verifyCaller(tokens, request);
  const { sessions, current } = await sessionsOf(tokens, caller);
  return jsonResponse(200, {
    sessions: sessions.map((session) => ({
      session_id: session.sessionId,
      current: session === current,
      created_at: toSeconds(session.createdAt),
      refreshed_at: toSeconds(session.refreshedAt),
      idle_at: toSeconds(session.idleAt),
      expires_at: toSeconds(session.expiresAt),
      scope: session.scope,
      metadata: session.metadata,
    })),
  });
};

/** Ends one of the caller's sessions. Somebody else's, and one that is over, look alike: there is none to end. */
export const deleteSession: Endpoint = async (context, { request }, id) => {
  const { tokens } = context;
  const caller = await verifyCaller(tokens, request);
  const { sessions } = await sessionsOf(tokens, caller);
  const session = sessions.find(({ sessionId }) => sessionId === id);
  if (session) await revokeSession(tokens, { sessionId: session.sessionId });
  return emptyResponse(clearIfEnded(context, request, session ? [id] : []));
};

/** Ends all of the caller's sessions, or with `keep_current` all others; says how many. */
export const logoutAll: Endpoint = async (context, { request, body }) => {
  const { tokens } = context;
  const caller = await verifyCaller(tokens, request);
  const keepCurrent = readKeepCurrent(await readParameters(request, body, tokens.hooks.deadline));
  const { current } = await sessionsOf(tokens, caller);
  const except = keepCurrent ? current.sessionId : undefined;
  const revoked = await revokeSubject(tokens, current.subject, { except });
  const headers = clearIfEnded(context, request, revoked);
  return jsonResponse(200, { revoked: revoked.length }, headers);
};

// By the header alone, whatever else the verifier takes: what a browser adds by itself is no proof that its user asked.
function verifyCaller({ verifier }: TokenIssuer, request: IncomingMessage): Promise<VerifiedToken> {
  return verifyAuthorizationHeader(verifier, request);
}

async function sessionsOf(
  tokens: TokenIssuer,
  token: VerifiedToken,
): Promise<{ readonly sessions: readonly SessionInfo[]; readonly current: SessionInfo }> {
  // A token of another issuer may name a subject that no session can have.
  const sessions = isSubject(token.subject) ? await listSessions(tokens, token.subject) : [];
  const current = sessions.find(({ sessionId }) => sessionId === token.sessionId);
  if (current === undefined) throw new SessionRevokedError(tokens.verifier.space);
  return { sessions, current };
}

// Clears the cookie only where it names a session that this request has ended: it may hold the session of another login.
function clearIfEnded(
  { tokens, transport }: EndpointContext,
  request: IncomingMessage,
  ended: readonly string[],
): HttpResponse['headers'] {
  const inCookies = transport
    .cookiesOf(request)
    .map((cookie) => openRefreshToken(tokens.refreshKeys, cookie)?.sessionId);
  const isOver = inCookies.some(
    (sessionId) => sessionId !== undefined && ended.includes(sessionId),
  );
  return isOver ? transport.clearingHeaders() : {};
}

function readKeepCurrent(parameters: Parameters): boolean {
  const value = Object.hasOwn(parameters, 'keep_current') ? parameters['keep_current'] : false;
  // A form has no other way to say it than text.
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new InvalidRequestError();
}

function toSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
