// Finds the session that a caller means: by its ID, or by one of its refresh tokens.

import { MissingRefreshTokenError } from '../errors/errors.js';
import { checkOptions } from '../lib/options.js';
import { isSessionId } from '../store/session-id.js';
import { askForSession } from './ask-store.js';
import { correctUnsealed, openRefreshToken, type PresentedRefreshToken } from './refresh-token.js';
import type { OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

/** Which session: that of a refresh token, or the one with this ID. */
export type SessionReference =
  | { readonly refreshToken: string | undefined; readonly sessionId?: undefined }
  | { readonly sessionId: string; readonly refreshToken?: undefined };

/** A session, and the refresh token that named it. */
export interface FoundSession {
  readonly session: OwnSession;
  readonly presented: PresentedRefreshToken | undefined;
}

/**
 * Finds a session.
 *
 * @param where - the public function, for messages.
 * @returns `undefined` when there is no such session, or the token is forged.
 * @throws {@link MissingRefreshTokenError} (401) neither a refresh token nor a session ID was given.
 * @throws TypeError the reference has both members or an unknown one.
 */
export async function findSession(
  where: string,
  tokens: IssuingContext,
  reference: SessionReference,
): Promise<FoundSession | undefined> {
  const { refreshToken, sessionId } = checkOptions(where, reference, ['refreshToken', 'sessionId']);
  if (refreshToken !== undefined && sessionId !== undefined) {
    throw new TypeError(`${where} takes a refreshToken or a sessionId: got both, pass one`);
  }
  // A client may have sent the value, so a wrong one is not a mistake of the developer.
  if (sessionId !== undefined) {
    const isId = typeof sessionId === 'string' && isSessionId(sessionId);
    const session = isId ? await askForSession(tokens, sessionId) : undefined;
    return session && { session, presented: undefined };
  }
  if (refreshToken === undefined || refreshToken === null || refreshToken === '') {
    throw new MissingRefreshTokenError(tokens.space);
  }
  const presented = openRefreshToken(tokens.refreshKeys, refreshToken);
  if (presented === undefined) return undefined;
  const session = await askForSession(tokens, presented.sessionId);
  const genuine = session && findGenuine(presented, session);
  return genuine && { session, presented: genuine };
}

/** The session ID in a reference: one that a caller names, or that of a refresh token whose tag was checked. */
export function sessionIdOf(
  tokens: IssuingContext,
  { sessionId, refreshToken }: SessionReference,
): string | undefined {
  if (sessionId !== undefined) {
    const isId = typeof sessionId === 'string' && isSessionId(sessionId);
    return isId ? sessionId : undefined;
  }
  const presented = openRefreshToken(tokens.refreshKeys, refreshToken);
  return presented?.sealed === true ? presented.sessionId : undefined;
}

/** The session of a refresh token; `undefined` for anything else. */
export async function findPresentedSession(
  tokens: IssuingContext,
  refreshToken: unknown,
): Promise<OwnSession | undefined> {
  if (typeof refreshToken !== 'string' || refreshToken === '') return undefined;
  return (await findSession('replaces', tokens, { refreshToken }))?.session;
}

/**
 * The presented token, if this issuer made it. Without the key that sealed it, only its secret shows that, and only of the current
 * token and its predecessors.
 */
export function findGenuine(
  presented: PresentedRefreshToken,
  session: OwnSession,
): PresentedRefreshToken | undefined {
  if (presented.sealed) return presented;
  const known = [session, ...session.state.predecessors];
  const same = known.find(({ secretHash }) => secretHash === presented.secretHash);
  const hasClient = session.data.clientId !== undefined;
  return same && correctUnsealed(presented, { generation: same.generation, hasClient });
}
