// How a refresh token is received and sent: in the body or in a cookie, never both.

import type { IncomingMessage } from 'node:http';

import { InvalidRequestError } from '../errors/errors.js';
import { jsonResponse, type HttpResponse } from '../lib/http-response.js';
import { tokenResponse, type TokenPair } from '../issue/token-pair.js';
import { isAllowedOrigin, requireAllowedOrigin } from '../verify/origin.js';
import type { EndpointRequest } from './endpoint-request.js';
import { isBodyGone, readParameters, textParameter, type Parameters } from './read-parameters.js';
import type { RefreshCookie } from './refresh-cookie.js';

/** `'auto'`: the cookie for browsers, which send `Origin` or `Sec-Fetch-Site`, and the body for other clients. */
export type TransportName = 'cookie' | 'body' | 'auto';

/** A received refresh token, and where the response puts the next one. */
export interface ReceivedRefreshToken {
  readonly refreshToken: string | undefined;
  readonly carrier: 'cookie' | 'body';
  readonly parameters: Parameters;
}

/** What an endpoint needs beside the refresh token. */
export interface ReceivingNeeds {
  /** Whether the parameters in the body are needed, even with the refresh token in a cookie. */
  readonly parameters?: boolean;
}

export interface RefreshTransport {
  /**
   * Takes the refresh token from a request.
   *
   * @throws {@link OriginRefusedError} (403) the cookie comes from an origin that is not allowed.
   * @throws {@link InvalidRequestError} (4xx) two cookies of the name, a token in cookie and body, or a malformed body.
   */
  receive(request: EndpointRequest, needs?: ReceivingNeeds): Promise<ReceivedRefreshToken>;
  /** The response that sends a pair to the client, by the given carrier or the one that fits the request. */
  deliver(request: IncomingMessage, pair: TokenPair, carrier?: 'cookie' | 'body'): HttpResponse;
  /** The header that removes the cookie. */
  clearingHeaders(): Readonly<Record<string, string>>;
  /** All values under the cookie's name; none when no cookie is used. */
  cookiesOf(request: IncomingMessage): readonly string[];
}

export function createRefreshTransport(
  name: TransportName,
  cookie: RefreshCookie,
  allowedOrigins: ReadonlySet<string>,
  bodyDeadline: number,
): RefreshTransport {
  const cookiesOf = (request: IncomingMessage) => (name === 'body' ? [] : cookie.read(request));

  function carrierFor(request: IncomingMessage): 'cookie' | 'body' {
    return name === 'auto' ? (isBrowser(request) ? 'cookie' : 'body') : name;
  }

  // A browser keeps a `SameSite` cookie back from the form of another site, and clears it when the answer says so. So only a
  // page that may use the cookie is answered with one.
  function carrierForNone(request: IncomingMessage): 'cookie' | 'body' {
    return isAllowedOrigin(request, allowedOrigins) ? carrierFor(request) : 'body';
  }

  return {
    cookiesOf,
    async receive({ request, body }, needs = {}) {
      const cookies = cookiesOf(request);
      if (name === 'cookie' || cookies.length > 0) requireAllowedOrigin(request, allowedOrigins);
      // With a cookie the token is known, so a body that is gone does not matter.
      const isEnough = needs.parameters !== true && (name === 'cookie' || cookies.length > 0);
      const parameters =
        isEnough && isBodyGone(request, body)
          ? {}
          : await readParameters(request, body, bodyDeadline);
      const inBody = textParameter(parameters, 'refresh_token');
      // With two tokens it is unknown which one is meant, so neither is spent.
      if (cookies.length + (inBody === undefined ? 0 : 1) > 1) throw new InvalidRequestError();
      if (inBody !== undefined && name === 'cookie') throw new InvalidRequestError();
      // An empty cookie counts as none, like an empty parameter.
      const inCookie = cookies[0] || undefined;
      const found = inCookie === undefined ? 'body' : 'cookie';
      const refreshToken = inCookie ?? inBody;
      return {
        refreshToken,
        carrier: refreshToken === undefined ? carrierForNone(request) : found,
        parameters,
      };
    },
    deliver(request, pair, carrier = carrierFor(request)) {
      const response = tokenResponse(pair);
      if (carrier === 'body') return jsonResponse(200, response);
      const { refresh_token: refreshToken, ...visible } = response;
      // A copy of the token that the browser has could arrive after a newer one, and replace it.
      const headers = pair.refreshTokenChanged
        ? { 'Set-Cookie': cookie.set(refreshToken, pair.refreshExpiresIn) }
        : {};
      return jsonResponse(200, visible, headers);
    },
    clearingHeaders: () => ({ 'Set-Cookie': cookie.clear() }),
  };
}

function isBrowser({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}
