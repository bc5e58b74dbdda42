// POST /refresh and POST /logout: use the refresh token that the transport receives.

import type { IncomingMessage } from 'node:http';

import { errorTable } from '../errors/error-table.js';
import { StoreUnavailableError } from '../errors/errors.js';
import { emptyResponse, jsonResponse } from '../lib/http-response.js';
import { refreshFor } from '../issue/refresh-token-pair.js';
import { revokeFor } from '../issue/revoke-session.js';
import type { ExpectedClient } from '../issue/judge-refresh.js';
import type { TokenPair } from '../issue/token-pair.js';
import { openRefreshToken } from '../issue/refresh-token.js';
import { emitRefusal } from '../issue/session-events.js';
import { chooseRefreshToken } from './choose-refresh-token.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { hintAtRefreshToken } from './misplaced-refresh-token.js';
import { textParameter, type Parameters } from './read-parameters.js';

/**
 * Takes `access_token` and `scope` from the body too. Responds with the next pair.
 *
 * An error response neither sets nor clears a cookie. The browser may have a newer token when it gets the response, or the
 * cookie may belong to another application on the same host; and a cleared cookie would show that the session has ended.
 *
 * With `?optional`, a request without any refresh token is answered with 200 and the code: a page that asks whether its visitor is
 * signed in must not log an error in the console. Not with a header or a member of the body, which would cost a CORS preflight.
 */
export const refresh: Endpoint = async (context, endpointRequest) => {
  const { tokens, transport } = context;
  const needs = { parameters: tokens.requireAccessToken };
  const { refreshTokens, present, carrier, parameters } = await transport.receive(
    endpointRequest,
    needs,
  );
  // The session of an OAuth client is served where the client is authenticated.
  const client = context.authenticateClient && { clientId: undefined };
  const { request } = endpointRequest;
  if (refreshTokens.length === 0 && isOptional(request)) {
    const code = 'refresh_token_missing';
    return jsonResponse(200, { code, action: errorTable[code].answer.action });
  }
  const refreshToken = await chooseRefreshToken(tokens, refreshTokens, present, () =>
    context.describe(request),
  );
  const pair = await refreshWithin(context, request, { refreshToken, client, parameters });
  return transport.answer(request, pair, carrier);
};

function isOptional({ url = '' }: IncomingMessage): boolean {
  const [, query = ''] = url.split('?', 2);
  return new URLSearchParams(query).has('optional');
}

/** Refreshes, or exchanges a token of the former system, unless too many refreshes run already. */
export function refreshWithin(
  { tokens, transport, limit, legacy, describe }: EndpointContext,
  request: IncomingMessage,
  {
    refreshToken,
    client,
    parameters,
  }: {
    readonly refreshToken: string | undefined;
    readonly client: ExpectedClient | undefined;
    readonly parameters: Parameters;
  },
): Promise<TokenPair> {
  const options = {
    accessToken: textParameter(parameters, 'access_token'),
    scope: textParameter(parameters, 'scope'),
    request: describe(request),
  };
  const hint = hintAtRefreshToken({ transport, request, parameters, refreshToken });
  const reportLimit = () =>
    emitRefusal({ tokens, request: options.request }, undefined, {
      reason: 'limit',
      code: 'temporarily_unavailable',
    });
  return limit(
    async () =>
      (await legacy?.(refreshToken, request, { ...options, client })) ??
      refreshFor(tokens, refreshToken, client, { ...options, hint }),
    reportLimit,
  );
}

/**
 * The refresh token is the credential, so no access token is needed. The response is the same for a live session, an ended
 * one and a forged token.
 */
export const logout: Endpoint = async (context, endpointRequest) => {
  const { tokens, transport, describe } = context;
  const { refreshTokens, carrier, parameters } = await transport.receive(endpointRequest);
  reportUselessLogout(context, endpointRequest.request, refreshTokens, parameters);
  const headers = carrier === 'cookie' ? transport.clearingHeaders(endpointRequest.request) : {};
  // A browser without the cookie is logged out already.
  if (refreshTokens.length === 0 && carrier === 'cookie') return emptyResponse(headers);
  try {
    const request = describe(endpointRequest.request);
    // Of several cookies none stays, so that no session does.
    const presented = refreshTokens.length === 0 ? [undefined] : refreshTokens;
    await Promise.all(
      presented.map((refreshToken) => revokeFor(tokens, { refreshToken }, undefined, request)),
    );
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    // Clears the cookie also when the store is down: a user who has logged out must not be signed in at the next reload. The
    // response is then 503, because the session itself ends only after its idle lifetime.
    throw new StoreUnavailableError({ cause: error.cause, headers });
  }
  return emptyResponse(headers);
};

// The client hears nothing of it, or an error that many ignore, and the session lives on.
function reportUselessLogout(
  { tokens, transport, describe }: EndpointContext,
  request: IncomingMessage,
  refreshTokens: readonly string[],
  parameters: Parameters,
): void {
  const [refreshToken] = refreshTokens;
  const isOurs = refreshTokens.some((one) => openRefreshToken(tokens.refreshKeys, one));
  const hint = isOurs
    ? undefined
    : hintAtRefreshToken({ transport, request, parameters, refreshToken });
  if (hint === undefined) return;
  const code = refreshToken === undefined ? 'refresh_token_missing' : 'refresh_token_invalid';
  const described = describe(request);
  tokens.hooks.emit({
    type: 'request.refused',
    code,
    hint,
    ...(described !== undefined && { request: described }),
  });
}
