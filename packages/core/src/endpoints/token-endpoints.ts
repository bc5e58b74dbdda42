// The HTTP endpoints of an issuer below one mount, and the documents at the root of the host that describe them.

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import type { AuthError } from '../errors/auth-error.js';
import { oauthErrorResponse, tokenErrorResponse } from '../errors/error-response.js';
import { describeRequest, type RequestContext } from '../hooks/describe-request.js';
import { requireTokenIssuer } from '../issue/token-issuer.js';
import type { TokenPair } from '../issue/token-pair.js';
import type { HttpResponse } from '../lib/http-response.js';
import type { LoginGrant } from '../issue/login-grant.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import {
  checkOptions,
  requireCount,
  requireFunction,
  requireOneOf,
  requireUrl,
} from '../lib/options.js';
import { noteEndpoints } from '../verify/guarded-endpoint.js';
import { readOrigins } from '../verify/origin.js';
import { freshBounds } from '../verify/require-fresh.js';
import type { ClientAuthentication } from './authenticate-client.js';
import { jwks, readServerMetadata, serveServerMetadata } from './documents.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { createLegacyExchange, type LegacyTokens } from './legacy-tokens.js';
import { deliver, login, type LoginOptions } from './login.js';
import { revoke, token } from './oauth.js';
import { createRefreshLimit } from './refresh-limit.js';
import { createRefreshCookie, type RefreshCookieOptions } from './refresh-cookie.js';
import { createRefreshTransport, type TransportName } from './refresh-transport.js';
import { logout, refresh } from './refresh.js';
import { reportingRefusals, reportRefusal } from './report-refusal.js';
import { serveRevocations, type FollowerAuthentication } from './revocations.js';
import { matchRoute, withoutSlash, type EndpointRequest, type Routes } from './router.js';
import { deleteSession, getSessions, logoutAll } from './sessions.js';

/** Options of {@link createTokenEndpoints}. */
export interface TokenEndpointOptions {
  /**
   * Where refresh tokens are: `'body'`, in the request (JSON or form) and the JSON response; `'cookie'`, which scripts cannot
   * read; `'auto'`, in the cookie for pages in browsers and in the body for programs, apps and browser extensions, or as the client
   * asks by the header `Token-Transport: body` or `cookie`. @defaultValue `'body'`
   */
  readonly transport?: TransportName | undefined;
  /** Attributes of the cookie. Not with the transport `'body'`. @defaultValue the strictest */
  readonly cookie?: RefreshCookieOptions | undefined;
  /**
   * Origins whose pages may refresh and log out by cookie, beside the server's own. That is `https` and the `Host` of the
   * request, or `http` on a loopback host. Behind a proxy that changes `Host`, name the origin that browsers see. Not with the
   * transport `'body'`, which has no cookie to protect; what pages may call it is said with CORS.
   * @defaultValue none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Authenticates the client at `/token` and `/revoke`. @defaultValue none: every client is accepted */
  readonly authenticateClient?: ClientAuthentication | undefined;
  /**
   * Decides which services may follow the revocation log: `(req) => boolean`, also as a promise. With it, there is
   * `GET <mount>/revocations`, for `remoteRevocations` of a verifier without Redis. Requires `revocations` of the issuer.
   * @defaultValue none: the log is not served
   */
  readonly authenticateFollower?: FollowerAuthentication | undefined;
  /**
   * What the application wants to know of a request, `(req) => ({ ip: req.ip })` for example: passed to the `claims` hook and into
   * events as `request`. When it throws or returns a promise, that is reported as `hook.failed`, and the request goes on.
   * @defaultValue nothing
   */
  readonly requestContext?: RequestContext | undefined;
  /** Exchanges refresh tokens of a former system, so that its users stay signed in. @defaultValue none */
  readonly legacy?: LegacyTokens | undefined;
  /**
   * Maximum number of refreshes that run at the same time in this process, 1 to 1 000 000. Beyond it the client gets 503 with a
   * `Retry-After` of 1 to 5 seconds. @defaultValue 200
   */
  readonly maxParallelRefreshes?: number | undefined;
  /**
   * How recently the user must have been authenticated to end other sessions (`/logout-all`, `DELETE /sessions/:id`). Otherwise
   * the request gets 401 `authentication_insufficient`. A number above 259 200 (three days) is refused: it is probably milliseconds.
   * @defaultValue not required
   */
  readonly requireFresh?: Duration | undefined;
  /** Absolute URL of the mount as clients see it. With it, there is RFC 8414 metadata for the root. @defaultValue none */
  readonly url?: string | undefined;
  /**
   * Members to add to the RFC 8414 metadata, or to replace in it: `authorization_endpoint` for example, if your application
   * has one, together with `response_types_supported` and `grant_types_supported`. Requires `url`. Members whose name ends in
   * `_endpoint` or `_uri` must be URLs; `issuer` cannot be changed. @defaultValue none
   */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
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
   * @throws {@link OriginRefusedError} (403) it sets the cookie, and the request comes from a page that is not allowed.
   * @throws TypeError `pair` is not what {@link issueTokenPair} or {@link refreshTokenPair} returned, a promise for example.
   */
  readonly deliver: (
    request: EndpointRequest['request'],
    pair: TokenPair,
    options?: LoginOptions,
  ) => HttpResponse;
  /** Issues a pair after a login and makes the response that sends it: see {@link LoginOptions}. */
  readonly login: (
    request: EndpointRequest['request'],
    grant: LoginGrant,
    options?: LoginOptions,
  ) => Promise<HttpResponse>;
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

const optionNames = [
  'transport',
  'cookie',
  'allowedOrigins',
  'authenticateClient',
  'authenticateFollower',
  'requestContext',
  'legacy',
  'maxParallelRefreshes',
  'requireFresh',
  'url',
  'metadata',
];

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
  const { authenticateFollower } = checked;
  const { requestContext, legacy, maxParallelRefreshes = 200, requireFresh, metadata } = checked;
  if (metadata !== undefined && url === undefined) {
    throw new TypeError(
      'metadata needs url, with which there is a metadata document: give url too',
    );
  }
  requireFunction('authenticateClient', authenticateClient);
  requireFunction('authenticateFollower', authenticateFollower);
  requireFunction('requestContext', requestContext);
  requireCount('maxParallelRefreshes', maxParallelRefreshes, 1_000_000);
  const context: EndpointContext = {
    tokens,
    transport: createRefreshTransport(
      requireOneOf('transport', transport, ['cookie', 'body', 'auto']),
      createRefreshCookie(cookie),
      readOrigins(allowedOrigins),
      tokens.hooks.deadline,
    ),
    authenticateClient,
    limit: createRefreshLimit(maxParallelRefreshes),
    legacy: legacy && createLegacyExchange(tokens, legacy),
    freshWithin:
      requireFresh === undefined ? undefined : toSeconds('requireFresh', requireFresh, freshBounds),
    describe: (request) => describeRequest(tokens.hooks.emit, requestContext, request),
  };
  requireNoCookieOptions(transport, cookie, allowedOrigins);
  noteEndpoints(tokens.verifier);
  const speaksOAuth = transport !== 'cookie';
  const mounted: Routes<Endpoint> = {
    ...routes,
    ...(speaksOAuth && oauthRoutes),
    ...(authenticateFollower && {
      '/revocations': { GET: serveRevocations(tokens, authenticateFollower) },
    }),
  };

  return {
    async handle(request) {
      const match = matchRoute(mounted, request.path, request.request.method);
      if (match === undefined) return undefined;
      const { handler, id } = match;
      const purpose = handler === refresh || handler === token ? 'refresh' : 'other';
      return reportingRefusals(context, request.request, purpose, () =>
        handler(context, request, id),
      );
    },
    refuse: ({ path }, error) =>
      Object.hasOwn(oauthRoutes, withoutSlash(path))
        ? oauthErrorResponse(error)
        : tokenErrorResponse(error),
    deliver: (request, pair, loginOptions) =>
      reportingDelivery(context, request, () => deliver(context, request, pair, loginOptions)),
    login: (request, grant, loginOptions) =>
      reportingRefusals(context, request, 'other', () =>
        login(context, request, grant, loginOptions),
      ),
    handleRoot:
      url === undefined
        ? async () => undefined
        : serveServerMetadata(
            context,
            requireUrl('url', url),
            speaksOAuth,
            metadata === undefined ? {} : readServerMetadata(metadata),
          ),
  };
}

// Without an effect, they are a sign that the transport was forgotten.
function requireNoCookieOptions(
  transport: unknown,
  cookie: unknown,
  allowedOrigins: unknown,
): void {
  if (transport !== 'body') return;
  const hasOrigins = Array.isArray(allowedOrigins) && allowedOrigins.length > 0;
  const name = cookie !== undefined ? 'cookie' : hasOrigins ? 'allowedOrigins' : undefined;
  if (name === undefined) return;
  throw new TypeError(
    `tokenEndpoints: ${name} has no effect with the transport 'body', which is the default. ` +
      `Set transport: 'cookie' or 'auto', or remove ${name}.`,
  );
}

function reportingDelivery<T>(
  context: EndpointContext,
  request: IncomingMessage,
  answer: () => T,
): T {
  try {
    return answer();
  } catch (error) {
    reportRefusal(context, request, 'other', error);
    throw error;
  }
}
