// POST /logout: the logout journey over HTTP.

import { MissingRefreshTokenError } from '../errors.js';
import { emptyResponse } from '../http-response.js';
import { revokeSession } from '../issue/revoke-session.js';
import type { Endpoint } from './endpoint.js';

/**
 * The refresh token is the credential, so this works with an expired access token or none. The answer is the same for
 * a live session, an ended one and a token that was never ours. A browser that has no cookie any more is logged out.
 */
export const logout: Endpoint = async ({ tokens, transport }, endpointRequest) => {
  const { refreshToken, carrier } = await transport.receive(endpointRequest);
  if (refreshToken === undefined && carrier === 'body') {
    throw new MissingRefreshTokenError(tokens.verifier.space);
  }
  if (refreshToken !== undefined) await revokeSession(tokens, { refreshToken });
  return emptyResponse(carrier === 'cookie' ? transport.clearingHeaders() : {});
};
