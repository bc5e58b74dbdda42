// End of the login and refresh journeys: what a client gets, and its JSON. RFC 6749 §5.1

import type { SessionSnapshot } from '../store/session-store.js';
import type { SignedAccessToken } from './sign-access-token.js';

/** An access token and the refresh token that renews it. */
export interface TokenPair {
  readonly accessToken: string;
  /** The refresh token to go on with. Two refreshes within the settle time answer the same one. */
  readonly refreshToken: string;
  /** False when `refreshToken` is the token that was presented: there is nothing new to store. */
  readonly refreshTokenChanged: boolean;
  readonly tokenType: 'Bearer';
  /** Seconds until the access token is over. */
  readonly expiresIn: number;
  /** Seconds until the refresh token is over, if it is not used: the idle or the absolute end, whichever is first. */
  readonly refreshExpiresIn: number;
  readonly sessionId: string;
  /** The scope of the access token, space-delimited; empty when it has none. */
  readonly scope: string;
}

/** A token pair as clients read it. RFC 6749 §5.1 */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope?: string;
}

/** The RFC 6749 §5.1 JSON of a pair. Send it with `Cache-Control: no-store`. */
export function tokenResponse(pair: TokenPair): TokenResponse {
  return {
    access_token: pair.accessToken,
    token_type: pair.tokenType,
    expires_in: pair.expiresIn,
    refresh_token: pair.refreshToken,
    ...(pair.scope !== '' && { scope: pair.scope }),
  };
}

export function toTokenPair(
  { accessToken, expiresIn }: SignedAccessToken,
  refreshToken: { readonly token: string; readonly isNew: boolean },
  { sessionId, asOf, rotatedAt, idleLifetime, expiresAt }: Omit<SessionSnapshot, 'data'>,
  scope: string,
): TokenPair {
  const end = Math.min(rotatedAt + idleLifetime, expiresAt);
  return {
    accessToken,
    refreshToken: refreshToken.token,
    refreshTokenChanged: refreshToken.isNew,
    tokenType: 'Bearer',
    expiresIn,
    refreshExpiresIn: Math.max(0, Math.floor((end - asOf) / 1_000)),
    sessionId,
    scope,
  };
}
