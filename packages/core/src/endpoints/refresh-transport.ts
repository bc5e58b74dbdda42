// How a refresh token is received and sent: in the body or in a cookie, never both.

import type { IncomingMessage } from 'node:http';

import { InvalidRequestError } from '../errors/errors.js';
import { jsonResponse, type HttpResponse } from '../lib/http-response.js';
import { tokenResponse, type TokenPair } from '../issue/token-pair.js';
import {
  canHaveEffect,
  isAllowedOrigin,
  isAppPage,
  requireAllowedOrigin,
} from '../verify/origin.js';
import { maxRefreshTokens } from './choose-refresh-token.js';
import { readParameters, textParameter, type Parameters } from './read-parameters.js';
import type { RefreshCookie } from './refresh-cookie.js';
import type { EndpointRequest } from './router.js';

/**
 * `'auto'`: the cookie for pages in browsers, which send `Origin` or `Sec-Fetch-Site`; the body for programs, apps (Capacitor,
 * Tauri) and browser extensions. A client may ask by the header `Token-Transport: body` or `cookie`.
 */
export type TransportName = 'cookie' | 'body' | 'auto';

export interface RefreshTransport {
  /**
   * Takes the refresh token from a request. The carrier is where the response puts the next one.
   *
   * @param needs - `parameters`: whether those in the body are needed, even with the refresh token in a cookie.
   * @throws {@link OriginRefusedError} (403) the cookie comes from an origin that is not allowed.
   * @throws {@link InvalidRequestError} (4xx) a token in the body where only the cookie is used, more than eight cookies of the name, or a
   * malformed body.
   */
  receive(
    request: EndpointRequest,
    needs?: { readonly parameters?: boolean },
  ): Promise<{
    /** Several only if they are in cookies. */
    readonly refreshTokens: readonly string[];
    /** Those in cookies of the present name: of several live sessions, theirs is the user's. */
    readonly present?: readonly string[];
    readonly carrier: 'cookie' | 'body';
    readonly parameters: Parameters;
  }>;
  readonly name: TransportName;
  /**
   * Where the client of a request gets its refresh token.
   *
   * @throws {@link InvalidRequestError} (400) it asks for a transport that does not exist.
   */
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

  function carrierFor(request: IncomingMessage): 'cookie' | 'body' {
    if (name !== 'auto') return name;
    const asked = askedTransport(request);
    if (asked !== undefined) return asked;
    const { origin, 'sec-fetch-site': site } = request.headers;
    if (origin === undefined && site === undefined) return 'body';
    // An origin that is allowed may be that of a page under development, or of an app whose cookies work.
    const isNamed = origin !== undefined && /^https?:/.test(origin) && allowedOrigins.has(origin);
    return isAppPage(request) && !isNamed ? 'body' : 'cookie';
  }

  /** The cookies that a request means: not those that the platform of an app adds by itself. */
  function meantCookiesOf(request: IncomingMessage): readonly string[] {
    const isStray =
      name === 'auto' &&
      (askedTransport(request) === 'body' ||
        (isAppPage(request) && !allowedOrigins.has(request.headers.origin ?? '')));
    return isStray ? [] : cookiesOf(request);
  }

  return {
    name,
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
      const cookies = meantCookiesOf(request);
      const isByCookie = name === 'cookie' || cookies.length > 0;
      if (name === 'cookie') requireAllowedOrigin(request, allowedOrigins);
      // With a cookie the token is known, so a body that is gone does not matter.
      const isBodyNeeded = !isByCookie || needs.parameters === true;
      const parameters = await readParameters(request, body, bodyDeadline, {
        isNeeded: isBodyNeeded,
      });
      const inBody = textParameter(parameters, 'refresh_token');
      // The cookie is the only place here. So a token that is elsewhere is a mistake, and is not spent.
      if (name === 'cookie' && inBody !== undefined) {
        throw new InvalidRequestError('refresh_token_misplaced');
      }
      // Where both are used: a client puts a token into the body on purpose, but a cookie may be added by its platform.
      if (inBody !== undefined) return { refreshTokens: [inBody], carrier: 'body', parameters };
      if (isByCookie) requireAllowedOrigin(request, allowedOrigins);
      // An empty cookie counts as none, like an empty parameter.
      const refreshTokens = cookies.filter((token) => token !== '');
      // Those of the present name come first. Another host of the domain may have set any number under a former name.
      const present = cookie.readPresent(request).filter((token) => token !== '');
      if (present.length > maxRefreshTokens) throw new InvalidRequestError();
      if (refreshTokens.length > 0) {
        const some = refreshTokens.slice(0, maxRefreshTokens);
        return { refreshTokens: some, present, carrier: 'cookie', parameters };
      }
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

/** A page of another site can send this header only after a CORS preflight. It says nothing where only one transport is used. */
function askedTransport({ headers }: IncomingMessage): 'cookie' | 'body' | undefined {
  const asked = headers['token-transport'];
  if (asked === undefined || asked === 'cookie' || asked === 'body') return asked;
  throw new InvalidRequestError();
}

function cookieHeaders(lines: readonly string[]): CookieHeaders {
  const [first] = lines;
  if (first === undefined) return {};
  return { 'Set-Cookie': lines.length === 1 ? first : [...lines] };
}
