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
    // The one verdict that is final for the token in the cookie. After any other the browser must still have it.
    const isFinal = carrier === 'cookie' && error instanceof InvalidRefreshTokenError;
    throw isFinal
      ? new InvalidRefreshTokenError(tokens.verifier.space, transport.clearingHeaders())
      : error;
  }
};
