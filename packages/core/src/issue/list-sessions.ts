// Beside the journeys: the sessions of a subject, as its owner may see them.

import { requireSubject } from '../lib/subject.js';
import { askStore } from './ask-store.js';
import { ownerOf, readOwnSession, type OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

/** A live session. Instants are milliseconds since the epoch, by the store's clock. */
export interface SessionInfo {
  readonly sessionId: string;
  readonly subject: string;
  /** The scope that was granted at login, space-delimited. */
  readonly scope: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** The login, or the last refresh since. */
  readonly refreshedAt: number;
  /** When the session ends if it is not refreshed before. */
  readonly idleAt: number;
  /** When it ends in any case. */
  readonly expiresAt: number;
}

/**
 * Lists the live sessions of a subject, the most recently refreshed first.
 *
 * @throws {@link StoreUnavailableError} (503).
 * @throws TypeError the subject is no well-formed text of 1 to 1 024 characters.
 */
export async function listSessions(
  tokens: IssuingContext,
  subject: string,
): Promise<readonly SessionInfo[]> {
  requireSubject(subject);
  const sessions = await askStore(tokens, 'list', (store) => store.list(ownerOf(tokens, subject)));
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
