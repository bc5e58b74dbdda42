// POST /refresh: the refresh journey over HTTP.

import { InvalidRefreshTokenError } from '../errors.js';
import { refreshTokenPair } from '../issue/refresh-token-pair.js';
import type { Endpoint } from './endpoint.js';
import { textParameter } from './read-parameters.js';

/** The refresh token, and if the client likes `access_token` and `scope` in the body, for the next pair. */
export const refresh: Endpoint = async ({ tokens, transport }, endpointRequest) => {
  const { refreshToken, carrier, parameters } = await transport.receive(endpointRequest);
  try {
    const pair = await refreshTokenPair(tokens, refreshToken, {
      accessToken: textParameter(parameters, 'access_token'),
      scope: textParameter(parameters, 'scope'),
    });
    return transport.deliver(endpointRequest.request, pair, carrier);
  } catch (error) {
    // Only a verdict that is final for the token takes the cookie away: the browser may hold a better one by now.
    const isOver =
      carrier === 'cookie' && error instanceof InvalidRefreshTokenError && error.isFinal;
    throw isOver
      ? new InvalidRefreshTokenError(tokens.space, { headers: transport.clearingHeaders() })
      : error;
  }
};
