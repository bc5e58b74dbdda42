// POST /refresh: the refresh journey over HTTP.

import { jsonResponse } from '../http-response.js';
import { refreshTokenPair } from '../issue/refresh-token-pair.js';
import { tokenResponse } from '../issue/token-pair.js';
import type { Endpoint } from './endpoint.js';
import { readParameters, textParameter } from './read-parameters.js';

/** `refresh_token`, and if the client likes `access_token` and `scope`, for the next pair. */
export const refresh: Endpoint = async (tokens, { request, body }) => {
  const parameters = await readParameters(request, body, tokens.hooks.deadline);
  const pair = await refreshTokenPair(tokens, textParameter(parameters, 'refresh_token'), {
    accessToken: textParameter(parameters, 'access_token'),
    scope: textParameter(parameters, 'scope'),
  });
  return jsonResponse(200, tokenResponse(pair));
};
