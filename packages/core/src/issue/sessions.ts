// Lists the sessions of a subject; revokes one session (logout, RFC 7009 §2) or all of a subject.

import { MissingRefreshTokenError } from '../errors/errors.js';
import { checkOptions, requireText } from '../lib/options.js';
import { requireSubject } from '../lib/subject.js';
import { isSessionId } from '../store/session-id.js';
import { askForSession, askStore } from './ask-store.js';
import { openRefreshToken } from './refresh-token.js';
import { ownerOf, readOwnSession, type OwnSession } from './session-record.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';

/** A live session. Times are milliseconds since the epoch, by the store's clock. */
export interface SessionInfo {
  readonly sessionId: string;
  readonly subject: string;
  /** The scope that was granted at login, space-delimited. */
  readonly scope: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** Time of the last rotation, or of the login. */
  readonly refreshedAt: number;
  /** When the session ends unless it is refreshed before. */
  readonly idleAt: number;
  /** When the session ends, however often it is refreshed. */
  readonly expiresAt: number;
}

/**
 * Lists the live sessions of a subject, the most recently refreshed first.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @throws {@link StoreUnavailableError} (503) the store did not answer.
 * @throws TypeError `tokens` is something else, or the subject is not well-formed text of 1 to 1 024 characters.
 */
export async function listSessions(
  tokens: IssuingContext,
  subject: string,
): Promise<readonly SessionInfo[]> {
  requireTokenIssuer('listSessions', tokens);
  requireSubject(subject);
  const sessions = await askStore(tokens, 'list', ownerOf(tokens, subject));
  return sessions
    .map((session) => readOwnSession(tokens, session.sessionId, session))
    .filter((session) => session !== undefined)
    .map(toSessionInfo);
}

function toSessionInfo(session: OwnSession): SessionInfo {
  const { sessionId, subject, createdAt, rotatedAt, idleLifetime, expiresAt, grant } = session;
  return {
    sessionId,
    subject,
    ...grant,
    createdAt,
    refreshedAt: rotatedAt,
    idleAt: Math.min(rotatedAt + idleLifetime, expiresAt),
    expiresAt,
  };
}

/** Which session to revoke: that of a refresh token, or the one with this ID. */
export type SessionReference =
  | { readonly refreshToken: string | undefined; readonly sessionId?: undefined }
  | { readonly sessionId: string; readonly refreshToken?: undefined };

/**
 * Ends one session: no further access token is issued for it. Access tokens that were issued before stay valid until they
 * expire, unless `isRevoked` refuses them. Idempotent.
 *
 * Accepts every refresh token of the session, also a spent one, unless the key that sealed it is no longer among the keys.
 * Needs no access token. A forged refresh token ends nothing. Does not check whose session ID it is: check that before.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @returns true when this call ended a session; false for an unknown session, or when another call came first.
 * @throws {@link StoreUnavailableError} (503) the session may still be live: repeat the call.
 * @throws {@link MissingRefreshTokenError} (401) neither a refresh token nor a session ID was given.
 * @throws TypeError `tokens` is something else, or the reference has both members or an unknown one.
 */
export async function revokeSession(
  tokens: IssuingContext,
  reference: SessionReference,
): Promise<boolean> {
  requireTokenIssuer('revokeSession', tokens);
  const session = await findSession(tokens, reference);
  if (session === undefined) return false;
  const { sessionId, subject } = session;
  const ended = await askStore(tokens, 'revoke', sessionId);
  if (ended) tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'logout' });
  return ended;
}

/**
 * Ends all sessions of a subject, or all but one: for example after a change of password. A concurrent refresh keeps none alive.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param options - `except`: the ID of a session that continues.
 * @returns the IDs of the sessions that this call ended.
 * @throws {@link StoreUnavailableError} (503) sessions may still be live: repeat the call.
 * @throws TypeError `tokens` is something else, the subject is not well-formed text of 1 to 1 024 characters, or `options`
 * has an unknown member.
 */
export async function revokeSubject(
  tokens: IssuingContext,
  subject: string,
  options: { readonly except?: string | undefined } = {},
): Promise<readonly string[]> {
  requireTokenIssuer('revokeSubject', tokens);
  requireSubject(subject);
  const { except } = checkOptions('revokeSubject', options, ['except']);
  if (except !== undefined) requireText('except', except);
  const ended = await askStore(tokens, 'revokeSubject', ownerOf(tokens, subject), except);
  for (const sessionId of ended) {
    tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'subject' });
  }
  return ended;
}

// Reads the record, because the event names its subject.
async function findSession(
  tokens: IssuingContext,
  reference: SessionReference,
): Promise<OwnSession | undefined> {
  const names = ['refreshToken', 'sessionId'];
  const { refreshToken, sessionId } = checkOptions('revokeSession', reference, names);
  if (refreshToken !== undefined && sessionId !== undefined) {
    throw new TypeError('revokeSession takes a refreshToken or a sessionId: got both, pass one');
  }
  // A client may have sent the value, so a wrong one is not a mistake of the developer.
  if (sessionId !== undefined) {
    return typeof sessionId === 'string' && isSessionId(sessionId)
      ? askForSession(tokens, sessionId)
      : undefined;
  }
  if (refreshToken === undefined || refreshToken === null || refreshToken === '') {
    throw new MissingRefreshTokenError(tokens.space);
  }
  const presented = openRefreshToken(tokens.refreshKeys, refreshToken);
  if (presented === undefined) return undefined;
  const session = await askForSession(tokens, presented.sessionId);
  // Without the key that sealed it, only the current secret shows that this issuer made the token.
  const isGenuine = presented.sealed || presented.secretHash === session?.secretHash;
  return isGenuine ? session : undefined;
}
