// POST /refresh: refreshes a token pair over HTTP.

import { refreshTokenPair } from '../issue/refresh-token-pair.js';
import type { Endpoint } from './endpoint.js';
import { textParameter } from './read-parameters.js';

/** Takes the refresh token, and `access_token` and `scope` in the body where the client sends them. */
export const refresh: Endpoint = async ({ tokens, transport }, endpointRequest) => {
  const { refreshToken, carrier, parameters } = await transport.receive(endpointRequest);
  const pair = await refreshTokenPair(tokens, refreshToken, {
    accessToken: textParameter(parameters, 'access_token'),
    scope: textParameter(parameters, 'scope'),
  });
  return transport.deliver(endpointRequest.request, pair, carrier);
};
