// POST /token and POST /revoke: refresh and logout for OAuth clients. RFC 6749 §6, RFC 7009

import type { IncomingMessage } from 'node:http';

import { InvalidRequestError } from '../errors/errors.js';
import { jsonResponse, type HttpResponse } from '../lib/http-response.js';
import { refreshTokenPair } from '../issue/refresh-token-pair.js';
import { revokeSession } from '../issue/sessions.js';
import { tokenResponse } from '../issue/token-pair.js';
import { requireClient } from './authenticate-client.js';
import type { EndpointRequest } from './endpoint-request.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { mediaTypeOf, requireOneLine } from './header-lines.js';
import { readParameters, textParameter, type Parameters } from './read-parameters.js';

/** Accepts only `grant_type=refresh_token`: sign-in is up to the application. RFC 6749 §6 */
export const token: Endpoint = async (context, request) => {
  const parameters = await receiveForm(context, request);
  const grantType = textParameter(parameters, 'grant_type');
  if (grantType === undefined) throw new InvalidRequestError();
  if (grantType !== 'refresh_token') throw new InvalidRequestError('grant_type_unsupported');
  const pair = await refreshTokenPair(context.tokens, textParameter(parameters, 'refresh_token'), {
    accessToken: textParameter(parameters, 'access_token'),
    scope: textParameter(parameters, 'scope'),
  });
  return jsonResponse(200, tokenResponse(pair), { Pragma: 'no-cache' });
};

/**
 * Ends the session of a refresh token, current or spent. The response for an unknown token is the same. An access token
 * cannot be revoked, so it is refused with `unsupported_token_type`. RFC 7009 §2
 */
export const revoke: Endpoint = async (context, request): Promise<HttpResponse> => {
  const parameters = await receiveForm(context, request);
  const presented = textParameter(parameters, 'token');
  if (presented === undefined) throw new InvalidRequestError();
  const isAccessToken = 'claims' in (await context.tokens.reader.read(presented));
  if (isAccessToken) throw new InvalidRequestError('token_type_unsupported');
  await revokeSession(context.tokens, { refreshToken: presented });
  return { status: 200, headers: { 'Cache-Control': 'no-store' }, body: '' };
};

async function receiveForm(
  context: EndpointContext,
  { request, body }: EndpointRequest,
): Promise<Parameters> {
  requireOneLine(request, 'authorization');
  requireForm(request);
  const parameters = await readParameters(request, body, context.tokens.hooks.deadline);
  await requireClient(context.tokens, context.authenticateClient, request, parameters);
  return parameters;
}

// Both specifications require a form.
function requireForm(request: IncomingMessage): void {
  const type = mediaTypeOf(request);
  if (type !== undefined && type !== 'application/x-www-form-urlencoded') {
    throw new InvalidRequestError('media_type_unsupported');
  }
}
