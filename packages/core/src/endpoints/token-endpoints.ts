// The HTTP endpoints of an issuer below one mount, and the documents at the root of the host that describe them.

import type { TokenIssuer } from '../create-token-issuer.js';
import type { AuthError } from '../errors/auth-error.js';
import { oauthErrorResponse, tokenErrorResponse } from '../errors/error-response.js';
import { requireTokenIssuer } from '../issue/token-issuer.js';
import { requireTokenPair, type TokenPair } from '../issue/token-pair.js';
import type { HttpResponse } from '../lib/http-response.js';
import { checkOptions, requireFunction, requireOneOf, requireUrl } from '../lib/options.js';
import { readOrigins } from '../verify/origin.js';
import type { ClientAuthentication } from './authenticate-client.js';
import { jwks, serveServerMetadata } from './documents.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { revoke, token } from './oauth.js';
import { createRefreshCookie, type RefreshCookieOptions } from './refresh-cookie.js';
import { createRefreshTransport, type TransportName } from './refresh-transport.js';
import { logout, refresh } from './refresh.js';
import { matchRoute, withoutSlash, type EndpointRequest, type Routes } from './router.js';
import { deleteSession, getSessions, logoutAll } from './sessions.js';

/** Options of {@link createTokenEndpoints}. */
export interface TokenEndpointOptions {
  /**
   * Where refresh tokens are: `'body'`, in the request (JSON or form) and the JSON response; `'cookie'`, which scripts cannot
   * read; `'auto'`, in the cookie for browsers and in the body for other clients. @defaultValue `'body'`
   */
  readonly transport?: TransportName | undefined;
  /** Attributes of the cookie. @defaultValue the strictest */
  readonly cookie?: RefreshCookieOptions | undefined;
  /**
   * Origins whose pages may refresh and log out by cookie, beside the server's own. That is `https` and the `Host` of the
   * request, or `http` on a loopback host. Behind a proxy that changes `Host`, name the origin that browsers see.
   * @defaultValue none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Authenticates the client at `/token` and `/revoke`. @defaultValue none: every client is accepted */
  readonly authenticateClient?: ClientAuthentication | undefined;
  /** Absolute URL of the mount as clients see it. With it, there is RFC 8414 metadata for the root. @defaultValue none */
  readonly url?: string | undefined;
}

/** The endpoints of an issuer, for any framework. */
export interface TokenEndpoints {
  /**
   * The response to a request below the mount; `undefined` when no endpoint has its path.
   *
   * @throws AuthError the request is refused; respond with {@link TokenEndpoints.refuse}.
   */
  readonly handle: (request: EndpointRequest) => Promise<HttpResponse | undefined>;
  /** The response for an error, in the format of the endpoint. */
  readonly refuse: (request: EndpointRequest, error: AuthError) => HttpResponse;
  /**
   * The response that sends a pair to the client after a login.
   *
   * @throws TypeError `pair` is not what {@link issueTokenPair} or {@link refreshTokenPair} returned, a promise for example.
   */
  readonly deliver: (request: EndpointRequest['request'], pair: TokenPair) => HttpResponse;
  /** The response with a document at the root of the host; `undefined` for another path. */
  readonly handleRoot: (
    request: Omit<EndpointRequest, 'body'>,
  ) => Promise<HttpResponse | undefined>;
}

const routes: Routes<Endpoint> = {
  '/refresh': { POST: refresh },
  '/logout': { POST: logout },
  '/logout-all': { POST: logoutAll },
  '/sessions': { GET: getSessions },
  '/sessions/:id': { DELETE: deleteSession },
  '/.well-known/jwks.json': { GET: jwks },
};

// These send refresh tokens in the body, which the cookie transport must never do.
const oauthRoutes: Routes<Endpoint> = { '/token': { POST: token }, '/revoke': { POST: revoke } };

const optionNames = ['transport', 'cookie', 'allowedOrigins', 'authenticateClient', 'url'];

/**
 * Checks options and binds the endpoints to an issuer.
 *
 * @param tokens - what {@link createTokenIssuer} returned.
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError `tokens` is something else, a verifier for example; or naming the option that is wrong.
 */
export function createTokenEndpoints(
  tokens: TokenIssuer,
  options: TokenEndpointOptions = {},
  adapterOptionNames: readonly string[] = [],
): TokenEndpoints {
  requireTokenIssuer('tokenEndpoints', tokens);
  const known = [...optionNames, ...adapterOptionNames];
  const checked = checkOptions('tokenEndpoints', options, known);
  const { transport = 'body', cookie, allowedOrigins = [], authenticateClient, url } = checked;
  requireFunction('authenticateClient', authenticateClient);
  const context: EndpointContext = {
    tokens,
    transport: createRefreshTransport(
      requireOneOf('transport', transport, ['cookie', 'body', 'auto']),
      createRefreshCookie(cookie),
      readOrigins(allowedOrigins),
      tokens.hooks.deadline,
    ),
    authenticateClient,
  };
  const speaksOAuth = transport !== 'cookie';
  const mounted = speaksOAuth ? { ...routes, ...oauthRoutes } : routes;

  return {
    async handle(request) {
      const match = matchRoute(mounted, request.path, request.request.method);
      return match?.handler(context, request, match.id);
    },
    refuse: ({ path }, error) =>
      Object.hasOwn(oauthRoutes, withoutSlash(path))
        ? oauthErrorResponse(error)
        : tokenErrorResponse(error),
    deliver(request, pair) {
      requireTokenPair('endpoints.send', pair);
      return context.transport.deliver(request, pair);
    },
    handleRoot:
      url === undefined
        ? async () => undefined
        : serveServerMetadata(context, requireUrl('url', url), speaksOAuth),
  };
}
