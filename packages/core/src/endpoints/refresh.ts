// POST /refresh: refreshes a token pair over HTTP.

import { refreshTokenPair } from '../issue/refresh-token-pair.js';
import type { Endpoint } from './endpoint.js';
import { textParameter } from './read-parameters.js';

/**
 * The refresh token, and if the client likes `access_token` and `scope` in the body, for the next pair.
 *
 * A refusal neither sets nor clears a cookie. The browser may hold a newer token by the time it reads the answer, or the
 * cookie may belong to another application on the same host; and a cleared cookie would show what became of the session.
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
