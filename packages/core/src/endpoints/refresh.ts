// POST /refresh: refreshes a token pair over HTTP.

import { refreshTokenPair } from '../issue/refresh-token-pair.js';
import type { Endpoint } from './endpoint.js';
import { textParameter } from './read-parameters.js';

/**
 * Takes the refresh token, and optionally `access_token` and `scope` in the body. Responds with the next pair.
 *
 * An error response neither sets nor clears a cookie. The browser may have a newer token when it gets the response, or the
 * cookie may belong to another application on the same host; and a cleared cookie would show that the session has ended.
 */
export const refresh: Endpoint = async ({ tokens, transport }, endpointRequest) => {
  const { refreshToken, carrier, parameters } = await transport.receive(endpointRequest, {
    parameters: tokens.requireAccessToken,
  });
  const pair = await refreshTokenPair(tokens, refreshToken, {
    accessToken: textParameter(parameters, 'access_token'),
    scope: textParameter(parameters, 'scope'),
  });
  return transport.deliver(endpointRequest.request, pair, carrier);
};
