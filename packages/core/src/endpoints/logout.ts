// POST /logout: the logout journey over HTTP.

import { emptyResponse } from '../http-response.js';
import { revokeSession } from '../issue/revoke-session.js';
import type { Endpoint } from './endpoint.js';
import { readParameters, textParameter } from './read-parameters.js';

/**
 * `refresh_token` is the credential, so this works with an expired access token or none. The answer is the same for a
 * live session, an ended one and a token that was never ours.
 */
export const logout: Endpoint = async (tokens, { request, body }) => {
  const parameters = await readParameters(request, body, tokens.hooks.deadline);
  await revokeSession(tokens, { refreshToken: textParameter(parameters, 'refresh_token') });
  return emptyResponse();
};
