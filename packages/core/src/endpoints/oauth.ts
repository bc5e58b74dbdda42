// POST /token and POST /revoke: refresh and logout for OAuth clients. RFC 6749 §6, RFC 7009

import { InvalidRequestError } from '../errors/errors.js';
import { jsonResponse } from '../lib/http-response.js';
import type { ExpectedClient } from '../issue/judge-refresh.js';
import { sessionOfAccessToken } from '../issue/match-access-token.js';
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
  unsupportedType,
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
 * Ends the session of a refresh token, current or spent, or of an access token, also an expired one. The response for an unknown
 * token is the same. RFC 7009 §2.1 lets the server end the session with the access token. With `revocations`, the access tokens that
 * were issued before end too; otherwise they stay valid until they expire, unless `isRevoked` refuses them.
 */
export const revoke: Endpoint = async (context, request) => {
  const { parameters, client } = await receiveForm(context, request);
  const presented = textParameter(parameters, 'token');
  if (presented === undefined) throw new InvalidRequestError();
  const { tokens } = context;
  // The token says what it is. The hint may be wrong. RFC 7009 §2.1
  const sessionId = await sessionOfAccessToken(tokens, presented);
  const reference = sessionId === undefined ? { refreshToken: presented } : { sessionId };
  await revokeFor(tokens, reference, client, context.describe(request.request));
  // Clients that parse every answer as JSON fail at an empty one.
  return jsonResponse(200, {});
};

// Both specifications require a form.
async function receiveForm(
  { tokens, authenticateClient }: EndpointContext,
  { request, body }: EndpointRequest,
): Promise<{ readonly parameters: Parameters; readonly client: ExpectedClient | undefined }> {
  requireOneLine(request, 'authorization');
  const type = mediaTypeOf(request) ?? formType;
  if (type !== formType) throw unsupportedType([formType]);
  const parameters = await readParameters(request, body, tokens.hooks.deadline, { isForm: true });
  return {
    parameters,
    client: await requireClient(tokens, authenticateClient, request, parameters),
  };
}
