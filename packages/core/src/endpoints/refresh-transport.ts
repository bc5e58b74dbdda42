// How a refresh token is received and sent: in the body or in a cookie, never both.

import type { IncomingMessage } from 'node:http';

import { InvalidRequestError } from '../errors/errors.js';
import { jsonResponse, type HttpResponse } from '../lib/http-response.js';
import { tokenResponse, type TokenPair } from '../issue/token-pair.js';
import { canHaveEffect, isAllowedOrigin, requireAllowedOrigin } from '../verify/origin.js';
import { readParameters, textParameter, type Parameters } from './read-parameters.js';
import type { RefreshCookie } from './refresh-cookie.js';
import type { EndpointRequest } from './router.js';

/** `'auto'`: the cookie for browsers, which send `Origin` or `Sec-Fetch-Site`, and the body for other clients. */
export type TransportName = 'cookie' | 'body' | 'auto';

export interface RefreshTransport {
  /**
   * Takes the refresh token from a request. The carrier is where the response puts the next one.
   *
   * @param needs - `parameters`: whether those in the body are needed, even with the refresh token in a cookie.
   * @throws {@link OriginRefusedError} (403) the cookie comes from an origin that is not allowed.
   * @throws {@link InvalidRequestError} (4xx) two cookies of the name, a token in cookie and body, or a malformed body.
   */
  receive(
    request: EndpointRequest,
    needs?: { readonly parameters?: boolean },
  ): Promise<{
    readonly refreshToken: string | undefined;
    readonly carrier: 'cookie' | 'body';
    readonly parameters: Parameters;
  }>;
  /** Where the client of a request gets its refresh token. */
  carrierFor(request: IncomingMessage): 'cookie' | 'body';
  /**
   * Requires that a login which sets or reads the cookie comes from an allowed page. Another host of the same site could
   * otherwise sign a visitor in as somebody else, or end the session that the login replaces.
   *
   * @throws {@link OriginRefusedError} (403)
   */
  requireOwnPage(request: IncomingMessage): void;
  /** The response that sends a pair to the client. */
  answer(pair: TokenPair, carrier: 'cookie' | 'body'): HttpResponse;
  /** The header that removes the cookie. */
  clearingHeaders(): Readonly<Record<string, string>>;
  /** All values under the cookie's name; none when no cookie is used. */
  cookiesOf(request: IncomingMessage): readonly string[];
  /** Whether a request has a cookie of the name, also when no cookie is used. */
  isNamedIn(request: IncomingMessage): boolean;
}

export function createRefreshTransport(
  name: TransportName,
  cookie: RefreshCookie,
  allowedOrigins: ReadonlySet<string>,
  bodyDeadline: number,
): RefreshTransport {
  const cookiesOf = (request: IncomingMessage) => (name === 'body' ? [] : cookie.read(request));

  function carrierFor({ headers }: IncomingMessage): 'cookie' | 'body' {
    if (name !== 'auto') return name;
    const isBrowser = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
    return isBrowser ? 'cookie' : 'body';
  }

  return {
    cookiesOf,
    isNamedIn: (request) => cookie.read(request).length > 0,
    carrierFor,
    requireOwnPage(request) {
      const { origin, 'sec-fetch-site': site } = request.headers;
      // A program sends neither, and has no cookie of somebody else.
      const isFromPage =
        origin !== undefined || site !== undefined || cookiesOf(request).length > 0;
      if (isFromPage && canHaveEffect(request)) requireAllowedOrigin(request, allowedOrigins);
    },
    async receive({ request, body }, needs = {}) {
      const cookies = cookiesOf(request);
      const isByCookie = name === 'cookie' || cookies.length > 0;
      if (isByCookie) requireAllowedOrigin(request, allowedOrigins);
      // With a cookie the token is known, so a body that is gone does not matter.
      const isBodyNeeded = !isByCookie || needs.parameters === true;
      const parameters = await readParameters(request, body, bodyDeadline, {
        isNeeded: isBodyNeeded,
      });
      const inBody = textParameter(parameters, 'refresh_token');
      if (name === 'cookie' && inBody !== undefined && cookies.length < 2) {
        throw new InvalidRequestError('refresh_token_misplaced');
      }
      // With two tokens it is unknown which one is meant, so neither is spent.
      const isOneTooMany = cookies.length > 1 || (isByCookie && inBody !== undefined);
      if (isOneTooMany) throw new InvalidRequestError();
      // An empty cookie counts as none, like an empty parameter.
      const refreshToken = cookies[0] || inBody;
      if (refreshToken !== undefined) {
        return { refreshToken, carrier: inBody === undefined ? 'cookie' : 'body', parameters };
      }
      // A browser keeps a `SameSite` cookie back from the form of another site, and clears it when the answer says so. So
      // only a page that may use the cookie is answered with one.
      const isAllowed = isAllowedOrigin(request, allowedOrigins);
      return { refreshToken, carrier: isAllowed ? carrierFor(request) : 'body', parameters };
    },
    answer(pair, carrier) {
      const response = tokenResponse(pair);
      if (carrier === 'body') return jsonResponse(200, response);
      const { refresh_token: refreshToken, ...visible } = response;
      // A copy of the token that the browser has could arrive after a newer one, and replace it.
      const maxAge = pair.persistent ? pair.refreshExpiresIn : undefined;
      const headers = pair.refreshTokenChanged
        ? { 'Set-Cookie': cookie.set(refreshToken, maxAge) }
        : {};
      return jsonResponse(200, visible, headers);
    },
    clearingHeaders: () => ({ 'Set-Cookie': cookie.clear() }),
  };
}
