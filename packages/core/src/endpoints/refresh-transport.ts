// How a refresh token is received and sent: in the body or in a cookie, never both.

import type { IncomingMessage } from 'node:http';

import { InvalidRequestError } from '../errors/errors.js';
import { jsonResponse, type HttpResponse } from '../lib/http-response.js';
import { tokenResponse, type TokenPair } from '../issue/token-pair.js';
import { canHaveEffect, isAllowedOrigin, requireAllowedOrigin } from '../verify/origin.js';
import { maxRefreshTokens } from './choose-refresh-token.js';
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
   * @throws {@link InvalidRequestError} (4xx) a token in cookie and body, more than eight cookies, or a malformed body.
   */
  receive(
    request: EndpointRequest,
    needs?: { readonly parameters?: boolean },
  ): Promise<{
    /** Several only if they are in cookies. */
    readonly refreshTokens: readonly string[];
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
  /** The response that sends a pair to the client of a request. */
  answer(request: IncomingMessage, pair: TokenPair, carrier: 'cookie' | 'body'): HttpResponse;
  /** The header that removes the cookie, and the former ones that the request has. */
  clearingHeaders(request: IncomingMessage): CookieHeaders;
  /** The header that removes the cookies of which all values are like this; none when there is no such cookie. */
  clearingHeadersWhere(request: IncomingMessage, isGone: (token: string) => boolean): CookieHeaders;
  /** The values of the cookie and of the former ones, none twice; none when no cookie is used. */
  cookiesOf(request: IncomingMessage): readonly string[];
  /** Whether a request has a cookie of the name, also when no cookie is used. */
  isNamedIn(request: IncomingMessage): boolean;
}

/** No `Set-Cookie`, or one line or several. */
type CookieHeaders = Readonly<Record<string, string | string[]>>;

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
      // With a token in both places it is unknown which one is meant, so neither is spent.
      if (isByCookie && inBody !== undefined) throw new InvalidRequestError();
      if (inBody !== undefined) return { refreshTokens: [inBody], carrier: 'body', parameters };
      // An empty cookie counts as none, like an empty parameter.
      const refreshTokens = cookies.filter((token) => token !== '');
      if (refreshTokens.length > maxRefreshTokens) throw new InvalidRequestError();
      if (refreshTokens.length > 0) return { refreshTokens, carrier: 'cookie', parameters };
      // A browser keeps a `SameSite` cookie back from the form of another site, and clears it when the answer says so. So
      // only a page that may use the cookie is answered with one.
      const isAllowed = isAllowedOrigin(request, allowedOrigins);
      return { refreshTokens, carrier: isAllowed ? carrierFor(request) : 'body', parameters };
    },
    answer(request, pair, carrier) {
      const response = tokenResponse(pair);
      if (carrier === 'body') return jsonResponse(200, response);
      const { refresh_token: refreshToken, ...visible } = response;
      // A copy of the token that the browser has could arrive after a newer one, and replace it.
      const maxAge = pair.persistent ? pair.refreshExpiresIn : undefined;
      // A browser that does not know `Partitioned` takes a former cookie for the present one, so that one comes last.
      const headers = pair.refreshTokenChanged
        ? cookieHeaders([...cookie.clearFormer(request), cookie.set(refreshToken, maxAge)])
        : {};
      return jsonResponse(200, visible, headers);
    },
    clearingHeaders: (request) => cookieHeaders([...cookie.clearFormer(request), cookie.clear()]),
    clearingHeadersWhere: (request, isGone) =>
      name === 'body' ? {} : cookieHeaders(cookie.clearWhere(request, isGone)),
  };
}

function cookieHeaders(lines: readonly string[]): CookieHeaders {
  const [first] = lines;
  if (first === undefined) return {};
  return { 'Set-Cookie': lines.length === 1 ? first : [...lines] };
}
