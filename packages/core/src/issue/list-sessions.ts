// Lists the sessions of a subject, for example for a page of signed-in devices.

import { requireSubject } from '../lib/subject.js';
import { askStore } from './ask-store.js';
import { isKilled } from './ended-session.js';
import { toSessionInfo, type SessionInfo } from './session-details.js';
import { ownerOf, readOwnSession } from './session-owner.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';

/**
 * Lists the live sessions of a subject, the most recently refreshed first. Sessions in which an actor acts for the subject are
 * the actor's, and are listed under the actor.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @throws {@link StoreUnavailableError} (503) the store did not answer.
 * @throws TypeError `tokens` is something else, or the subject is not well-formed text of 1 to 1 024 characters.
 */
export async function listSessions<Metadata = unknown>(
  tokens: IssuingContext<Metadata>,
  subject: string,
): Promise<readonly SessionInfo<Metadata>[]> {
  requireTokenIssuer('listSessions', tokens);
  requireSubject(subject);
  const sessions = await askStore(tokens, 'list', ownerOf(tokens, subject));
  const infos = sessions
    .map((session) => readOwnSession(tokens, session.sessionId, session))
    .filter((session) => session !== undefined)
    .filter((session) => !isKilled(tokens, session))
    .map(toSessionInfo);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of the issuer has checked what was stored
  return infos as readonly SessionInfo<Metadata>[];
}
