// POST /refresh and POST /logout: use the refresh token that the transport receives.

import { StoreUnavailableError } from '../errors/errors.js';
import { emptyResponse } from '../lib/http-response.js';
import { refreshTokenPair } from '../issue/refresh-token-pair.js';
import { revokeSession } from '../issue/sessions.js';
import type { Endpoint } from './endpoint.js';
import { textParameter } from './read-parameters.js';

/**
 * Takes `access_token` and `scope` from the body too. Responds with the next pair.
 *
 * An error response neither sets nor clears a cookie. The browser may have a newer token when it gets the response, or the
 * cookie may belong to another application on the same host; and a cleared cookie would show that the session has ended.
 */
export const refresh: Endpoint = async ({ tokens, transport }, endpointRequest) => {
  const needs = { parameters: tokens.requireAccessToken };
  const { refreshToken, carrier, parameters } = await transport.receive(endpointRequest, needs);
  const pair = await refreshTokenPair(tokens, refreshToken, {
    accessToken: textParameter(parameters, 'access_token'),
    scope: textParameter(parameters, 'scope'),
  });
  return transport.deliver(endpointRequest.request, pair, carrier);
};

/**
 * The refresh token is the credential, so no access token is needed. The response is the same for a live session, an ended
 * one and a forged token.
 */
export const logout: Endpoint = async ({ tokens, transport }, endpointRequest) => {
  const { refreshToken, carrier } = await transport.receive(endpointRequest);
  const headers = carrier === 'cookie' ? transport.clearingHeaders() : {};
  // A browser without the cookie is logged out already.
  if (refreshToken === undefined && carrier === 'cookie') return emptyResponse(headers);
  try {
    await revokeSession(tokens, { refreshToken });
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    // Clears the cookie also when the store is down: a user who has logged out must not be signed in at the next reload. The
    // response is then 503, because the session itself ends only after its idle lifetime.
    throw new StoreUnavailableError({ cause: error.cause, headers });
  }
  return emptyResponse(headers);
};
