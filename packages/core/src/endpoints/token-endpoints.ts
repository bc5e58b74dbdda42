// Where the journeys meet HTTP: the endpoints of an issuer below one mount, and the documents at the root that point
// to them. Adapters mount and translate.

import type { TokenIssuer } from '../create-token-issuer.js';
import type { AuthError } from '../errors/auth-error.js';
import { type HttpResponse } from '../lib/http-response.js';
import { oauthErrorResponse, tokenErrorResponse } from '../errors/error-response.js';
import type { TokenPair } from '../issue/token-pair.js';
import { checkOptions, requireFunction, requireOneOf, requireUrl } from '../lib/options.js';
import { readOrigins } from '../verify/origin.js';
import type { ClientAuthentication } from './authenticate-client.js';
import { authorizationServerMetadata, documentResponse, jwks } from './documents.js';
import type { EndpointRequest } from './endpoint-request.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { logout } from './logout.js';
import { revoke, token } from './oauth.js';
import { createRefreshCookie, type RefreshCookieOptions } from './refresh-cookie.js';
import { createRefreshTransport, type TransportName } from './refresh-transport.js';
import { refresh } from './refresh.js';
import { matchRoute, withoutSlash, type Routes } from './router.js';
import { deleteSession, getSessions, logoutAll } from './sessions.js';
import { wellKnownPath } from './well-known.js';

export interface TokenEndpointOptions {
  /**
   * How refresh tokens travel: `'body'`, JSON or form in and JSON out; `'cookie'`, which no script can read; `'auto'`,
   * the cookie for browsers and the body for programs. @defaultValue `'body'`
   */
  readonly transport?: TransportName | undefined;
  readonly cookie?: RefreshCookieOptions | undefined;
  /**
   * Origins, beside the server's own, whose pages may refresh and log out by cookie. The own origin is `https` and the
   * `Host` of the request, or `http` on a loopback host. Behind a proxy that changes `Host`, name the origin that browsers
   * see. @defaultValue none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Asked about the client at `/token` and `/revoke`. @defaultValue none: any client, as for public ones */
  readonly authenticateClient?: ClientAuthentication | undefined;
  /** Absolute URL of the mount as clients see it; with it, there is RFC 8414 metadata for the root. */
  readonly url?: string | undefined;
}

/** The endpoints of an issuer, for any framework. */
export interface TokenEndpoints {
  /**
   * Answers a request below the mount, or `undefined` when its path is none of ours.
   *
   * @throws AuthError whatever is refused; answer it with {@link TokenEndpoints.refuse}.
   */
  readonly handle: (request: EndpointRequest) => Promise<HttpResponse | undefined>;
  /** The answer to a refusal, in the dialect of the endpoint. */
  readonly refuse: (request: EndpointRequest, error: AuthError) => HttpResponse;
  /** The answer that hands a fresh pair to the client, after a login. */
  readonly deliver: (request: EndpointRequest['request'], pair: TokenPair) => HttpResponse;
  /** Answers for the documents that must stand at the root of the host, or `undefined`. */
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

// They hand refresh tokens out in the body, which is what the cookie transport is there to avoid.
const oauthRoutes: Routes<Endpoint> = { '/token': { POST: token }, '/revoke': { POST: revoke } };

const tokenEndpointOptionNames = [
  'transport',
  'cookie',
  'allowedOrigins',
  'authenticateClient',
  'url',
];

/**
 * Checks options and binds the endpoints to an issuer.
 *
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError naming the option that is wrong.
 */
export function createTokenEndpoints(
  tokens: TokenIssuer,
  options: TokenEndpointOptions = {},
  adapterOptionNames: readonly string[] = [],
): TokenEndpoints {
  const known = [...tokenEndpointOptionNames, ...adapterOptionNames];
  const {
    transport = 'body',
    cookie,
    allowedOrigins = [],
    authenticateClient,
    url,
  } = checkOptions('tokenEndpoints', options, known);
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
  const root = url === undefined ? {} : rootRoutes(context, requireUrl('url', url), speaksOAuth);

  return {
    async handle(request) {
      const match = matchRoute(mounted, request.path, request.request.method);
      return match?.handler(context, request, match.id);
    },
    refuse: ({ path }, error) =>
      Object.hasOwn(oauthRoutes, withoutSlash(path))
        ? oauthErrorResponse(error)
        : tokenErrorResponse(error),
    deliver: (request, pair) => context.transport.deliver(request, pair),
    async handleRoot({ path, request }) {
      return matchRoute(root, path, request.method)?.handler;
    },
  };
}

function rootRoutes(
  context: EndpointContext,
  url: string,
  speaksOAuth: boolean,
): Routes<HttpResponse> {
  const path = wellKnownPath('oauth-authorization-server', context.tokens.issuer);
  const metadata = authorizationServerMetadata(context, url, speaksOAuth);
  return { [path]: { GET: documentResponse(metadata) } };
}
