// The logout journey: of one session, or of all that a subject holds. RFC 7009 §2

import { MissingRefreshTokenError } from '../errors/errors.js';
import { checkOptions, requireText } from '../lib/options.js';
import { isSessionId } from '../store/session-id.js';
import { requireSubject } from '../lib/subject.js';
import { askForSession, askStore } from './ask-store.js';
import { openRefreshToken } from './refresh-token.js';
import { ownerOf, type OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

/** Which session to end: the one that a refresh token belongs to, or the one of this id. */
export type SessionReference =
  | { readonly refreshToken: string | undefined; readonly sessionId?: undefined }
  | { readonly sessionId: string; readonly refreshToken?: undefined };

/**
 * Ends one session: no further access token is issued for it. Those that are out stay valid until they expire, unless
 * `isRevoked` says otherwise. Idempotent.
 *
 * Any refresh token that the session really had will do, also a spent one, unless the key that sealed it is gone; an
 * access token is not needed. A forged one ends nothing. Whoever calls with a session id has already checked whose it is.
 *
 * @returns whether this call ended a session: false for an unknown one, or when another call came first.
 * @throws {@link StoreUnavailableError} (503) the session may still live: repeat the call.
 * @throws TypeError both were given, or the reference has another member.
 * @throws {@link MissingRefreshTokenError} (401) neither a refresh token nor a session id was given.
 */
export async function revokeSession(
  tokens: IssuingContext,
  reference: SessionReference,
): Promise<boolean> {
  const session = await findSession(tokens, reference);
  if (session === undefined) return false;
  const { sessionId, subject } = session;
  const ended = await askStore(tokens, 'revoke', (store) => store.revoke(sessionId));
  if (ended) tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'logout' });
  return ended;
}

/**
 * Ends all sessions of a subject, or all but one: after a change of password, say. Wins against refreshes under way.
 *
 * @returns the ids of the sessions that this call ended.
 * @throws {@link StoreUnavailableError} (503) sessions may still live: repeat the call.
 * @throws TypeError the subject is no well-formed text of 1 to 1 024 characters, or `options` has an unknown member.
 */
export async function revokeSubject(
  tokens: IssuingContext,
  subject: string,
  options: { readonly except?: string | undefined } = {},
): Promise<readonly string[]> {
  requireSubject(subject);
  const { except } = checkOptions('revokeSubject', options, ['except']);
  if (except !== undefined) requireText('except', except);
  const ended = await askStore(tokens, 'revokeSubject', (store) =>
    store.revokeSubject(ownerOf(tokens, subject), except),
  );
  for (const sessionId of ended) {
    tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'subject' });
  }
  return ended;
}

// The record is read for its subject, which whoever listens wants to know.
async function findSession(
  tokens: IssuingContext,
  reference: SessionReference,
): Promise<OwnSession | undefined> {
  const names = ['refreshToken', 'sessionId'];
  const { refreshToken, sessionId } = checkOptions('revokeSession', reference, names);
  if (refreshToken !== undefined && sessionId !== undefined) {
    throw new TypeError('revokeSession takes a refreshToken or a sessionId, not both');
  }
  // The value of either may come straight from a client, so whatever it is, it is no error of the caller.
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
  // Without the key that sealed it, only the current secret shows that a token is one of ours.
  const isOurs = presented.sealed || presented.secretHash === session?.secretHash;
  return isOurs ? session : undefined;
}
