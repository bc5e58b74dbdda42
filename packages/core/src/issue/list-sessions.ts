// Lists the sessions of a subject, for example for a page of signed-in devices.

import { requireSubject } from '../lib/subject.js';
import { askStore } from './ask-store.js';
import { ownerOf, readOwnSession, type OwnSession } from './session-owner.js';
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
