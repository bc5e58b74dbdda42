// POST /logout: ends the session of a refresh token.

import type { TokenIssuer } from '../create-token-issuer.js';
import { MissingRefreshTokenError, StoreUnavailableError } from '../errors/errors.js';
import { emptyResponse } from '../lib/http-response.js';
import { revokeSession } from '../issue/sessions.js';
import type { Endpoint } from './endpoint.js';

/**
 * The refresh token is the credential, so no access token is needed. The response is the same for a live session, an ended
 * one and a forged token. A browser without the cookie is logged out already.
 */
export const logout: Endpoint = async ({ tokens, transport }, endpointRequest) => {
  const { refreshToken, carrier } = await transport.receive(endpointRequest);
  if (refreshToken === undefined && carrier === 'body') {
    throw new MissingRefreshTokenError(tokens.verifier.space);
  }
  const clearing = carrier === 'cookie' ? transport.clearingHeaders() : {};
  if (refreshToken !== undefined) await endSession(tokens, refreshToken, clearing);
  return emptyResponse(clearing);
};

/**
 * Clears the cookie also when the store is down: a user who has logged out must not be signed in at the next reload. The
 * response is then 503, because the session itself ends only after its idle lifetime.
 */
async function endSession(
  tokens: TokenIssuer,
  refreshToken: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await revokeSession(tokens, { refreshToken });
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new StoreUnavailableError({ cause: error.cause, headers });
  }
}
