// The token pair that a login or a refresh returns, and its JSON. RFC 6749 §5.1

import { markAs, requireMadeBy, type MadeBy } from '../lib/brand.js';
import type { SessionSnapshot } from '../store/session-store.js';
import type { SignedAccessToken } from './sign-access-token.js';

const factories = 'issueTokenPair, refreshTokenPair or reauthenticated';

/** An access token, and the refresh token to get the next pair with. Only the functions of this package make one. */
export interface TokenPair extends MadeBy<typeof factories> {
  readonly accessToken: string;
  /** The refresh token for the next refresh. Two refreshes within the settle time return the same one. */
  readonly refreshToken: string;
  /** False when `refreshToken` is the token that was presented: there is nothing new to store. */
  readonly refreshTokenChanged: boolean;
  readonly tokenType: 'Bearer';
  /** Seconds until the access token expires. */
  readonly expiresIn: number;
  /** Seconds until the refresh token expires if it is not used: the idle or the absolute end, whichever comes first. */
  readonly refreshExpiresIn: number;
  readonly sessionId: string;
  /** When the session ends, however often it is refreshed: seconds since the epoch, by the store's clock. */
  readonly sessionExpiresAt: number;
  /** The scope of the access token, space-delimited; empty when it has none. */
  readonly scope: string;
  /** @internal Whether a cookie with the refresh token outlives the browser. */
  readonly persistent: boolean;
}

/** A token pair as clients read it. RFC 6749 §5.1, with further members about the refresh token and the session. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds until the access token expires. */
  readonly expires_in: number;
  readonly refresh_token: string;
  /** Seconds until the refresh token expires if it is not used. */
  readonly refresh_expires_in: number;
  readonly scope?: string;
  readonly session_id: string;
  /** When the session ends, however often it is refreshed: seconds since the epoch. */
  readonly session_expires_at: number;
}

/**
 * The RFC 6749 §5.1 JSON of a pair, with `refresh_expires_in`, `session_id` and `session_expires_at`. Send it with `Cache-Control: no-store`.
 *
 * @throws TypeError `pair` is not what {@link issueTokenPair}, {@link refreshTokenPair} or {@link reauthenticated} returned: a promise of it, or a
 * copy.
 */
export function tokenResponse(pair: TokenPair): TokenResponse {
  requireTokenPair('tokenResponse', pair);
  return {
    access_token: pair.accessToken,
    token_type: pair.tokenType,
    expires_in: pair.expiresIn,
    refresh_token: pair.refreshToken,
    refresh_expires_in: pair.refreshExpiresIn,
    ...(pair.scope !== '' && { scope: pair.scope }),
    session_id: pair.sessionId,
    session_expires_at: pair.sessionExpiresAt,
  };
}

/**
 * Requires a token pair.
 *
 * @param where - the function that needs it, for the message.
 * @throws TypeError saying what to pass.
 */
export function requireTokenPair(where: string, pair: unknown): void {
  requireMadeBy(factories, where, pair);
}

export function toTokenPair(
  { accessToken, expiresIn, scope }: SignedAccessToken,
  refreshToken: { readonly token: string; readonly isNew: boolean },
  session: Pick<SessionSnapshot, 'sessionId' | 'asOf' | 'rotatedAt' | 'idleLifetime' | 'expiresAt'>,
  persistent: boolean,
): TokenPair {
  const { sessionId, asOf, rotatedAt, idleLifetime, expiresAt } = session;
  const end = Math.min(rotatedAt + idleLifetime, expiresAt);
  const pair = markAs(factories, {
    accessToken,
    refreshToken: refreshToken.token,
    refreshTokenChanged: refreshToken.isNew,
    tokenType: 'Bearer',
    expiresIn,
    refreshExpiresIn: Math.max(0, Math.floor((end - asOf) / 1_000)),
    sessionId,
    scope,
  });
  // Not enumerable: what an application logs or compares is the pair. Only the answers need these.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the members are added here
  return Object.defineProperties(pair, {
    persistent: { value: persistent },
    sessionExpiresAt: { value: Math.floor(expiresAt / 1_000) },
  }) as TokenPair;
}
