// Decides between several refresh tokens in cookies: after a change of the cookie's path, for example, a browser has two.

import { refused } from '../issue/judge-refresh.js';
import { findPresentedSession } from '../issue/presented-session.js';
import { openRefreshToken } from '../issue/refresh-token.js';
import type { OwnSession } from '../issue/session-owner.js';
import type { IssuingContext } from '../issue/token-issuer.js';

/** The most refresh tokens of one request that are looked at: each of them can cost a look-up in the store. */
export const maxRefreshTokens = 8;

/**
 * The refresh token that a browser means: the newest one of the only live session. Without several tokens, the store is not asked.
 *
 * Of several live sessions, that of the cookie of the present name counts. A login has set it later than a former one, which the
 * browser may not have sent to the login; or another host of the domain has set the former one.
 *
 * @param refreshTokens - none twice, the most probable first.
 * @param present - those that are in cookies of the present name.
 * @param describe - what the application says of the request, for the event.
 * @returns a token that will be refused, when none is of a live session.
 * @throws {@link InvalidRefreshTokenError} (401) they are of several live sessions. Nothing says which is the user's, so the
 * user signs in: that ends them all.
 */
export async function chooseRefreshToken(
  tokens: IssuingContext,
  refreshTokens: readonly string[],
  present: readonly string[] | undefined,
  describe: () => unknown,
): Promise<string | undefined> {
  const [first] = refreshTokens;
  if (refreshTokens.length < 2) return first;
  const newest = newestOfEachSession(tokens, refreshTokens);
  if (newest.length < 2) return newest[0] ?? first;
  const sessions = await findPresentedSessions(tokens, newest);
  if (sessions.length < 2) return sessions[0]?.refreshToken ?? first;
  const ids = new Set(
    present?.map((refreshToken) => openRefreshToken(tokens.refreshKeys, refreshToken)?.sessionId),
  );
  const [own, ...others] = sessions.filter(({ session }) => ids.has(session.sessionId));
  if (own === undefined || others.length > 0) {
    throw refused({ tokens, request: describe() }, 'ambiguous');
  }
  return own.refreshToken;
}

/** The live sessions of refresh tokens, each with one of its tokens. */
export async function findPresentedSessions(
  tokens: IssuingContext,
  refreshTokens: readonly string[],
): Promise<readonly { readonly refreshToken: string; readonly session: OwnSession }[]> {
  const found = await Promise.all(
    refreshTokens.slice(0, maxRefreshTokens).map(async (refreshToken) => ({
      refreshToken,
      session: await findPresentedSession(tokens, refreshToken),
    })),
  );
  const live = found.flatMap(({ refreshToken, session }) =>
    session === undefined ? [] : [{ refreshToken, session }],
  );
  return live.filter(
    ({ session }, at) =>
      live.findIndex((other) => other.session.sessionId === session.sessionId) === at,
  );
}

function newestOfEachSession(
  tokens: IssuingContext,
  refreshTokens: readonly string[],
): readonly string[] {
  const opened = refreshTokens.flatMap((refreshToken) => {
    const presented = openRefreshToken(tokens.refreshKeys, refreshToken);
    return presented === undefined ? [] : [{ refreshToken, ...presented }];
  });
  // What an unsealed token says of its generation may be forged.
  const newestFirst = opened.toSorted(
    (one, other) => Number(other.sealed) - Number(one.sealed) || other.generation - one.generation,
  );
  const bySession = new Map<string, string>();
  for (const { sessionId, refreshToken } of newestFirst) {
    if (!bySession.has(sessionId)) bySession.set(sessionId, refreshToken);
  }
  return [...bySession.values()];
}
