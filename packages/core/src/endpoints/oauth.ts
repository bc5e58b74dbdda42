// POST /token and POST /revoke: refresh and logout for OAuth clients. RFC 6749 §6, RFC 7009

import { InvalidRequestError } from '../errors/errors.js';
import { jsonResponse } from '../lib/http-response.js';
import type { ExpectedClient } from '../issue/judge-refresh.js';
import { revokeFor } from '../issue/revoke-session.js';
import { tokenResponse } from '../issue/token-pair.js';
import { requireClient } from './authenticate-client.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import {
  formType,
  mediaTypeOf,
  readParameters,
  requireOneLine,
  textParameter,
  type Parameters,
} from './read-parameters.js';
import { refreshWithin } from './refresh.js';
import type { EndpointRequest } from './router.js';

/** Accepts only `grant_type=refresh_token`: sign-in is up to the application. RFC 6749 §6 */
export const token: Endpoint = async (context, request) => {
  const { parameters, client } = await receiveForm(context, request);
  const grantType = textParameter(parameters, 'grant_type');
  if (grantType === undefined) throw new InvalidRequestError();
  if (grantType !== 'refresh_token') throw new InvalidRequestError('grant_type_unsupported');
  const refreshToken = textParameter(parameters, 'refresh_token');
  const pair = await refreshWithin(context, request.request, { refreshToken, client, parameters });
  return jsonResponse(200, tokenResponse(pair), { Pragma: 'no-cache' });
};

/**
 * Ends the session of a refresh token, current or spent. The response for an unknown token is the same. An access token
 * cannot be revoked, so it is refused with `unsupported_token_type`. RFC 7009 §2
 */
export const revoke: Endpoint = async (context, request) => {
  const { parameters, client } = await receiveForm(context, request);
  const presented = textParameter(parameters, 'token');
  if (presented === undefined) throw new InvalidRequestError();
  const isAccessToken = 'claims' in (await context.tokens.reader.read(presented));
  if (isAccessToken) throw new InvalidRequestError('token_type_unsupported');
  const described = context.describe(request.request);
  await revokeFor(context.tokens, { refreshToken: presented }, client, described);
  return { status: 200, headers: { 'Cache-Control': 'no-store' }, body: '' };
};

// Both specifications require a form.
async function receiveForm(
  { tokens, authenticateClient }: EndpointContext,
  { request, body }: EndpointRequest,
): Promise<{ readonly parameters: Parameters; readonly client: ExpectedClient | undefined }> {
  requireOneLine(request, 'authorization');
  const type = mediaTypeOf(request) ?? formType;
  if (type !== formType) throw new InvalidRequestError('media_type_unsupported');
  const parameters = await readParameters(request, body, tokens.hooks.deadline);
  return {
    parameters,
    client: await requireClient(tokens, authenticateClient, request, parameters),
  };
}
