// Sessions of pages that this server renders: both tokens are in cookies, and a request refreshes by itself.

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import { issueOver } from '../endpoints/login.js';
import { warnIfCookieIsLost } from '../endpoints/lost-cookie.js';
import { isAuthError, type AuthError } from '../errors/auth-error.js';
import {
  InvalidRefreshTokenError,
  InvalidRequestError,
  MissingTokenError,
} from '../errors/errors.js';
import { nameScope } from '../errors/name-scope.js';
import { describeRequest } from '../hooks/describe-request.js';
import type { LoginGrant } from '../issue/login-grant.js';
import { sessionIdOf } from '../issue/presented-session.js';
import { reauthenticateFor } from '../issue/reauthenticate.js';
import { revokeFor } from '../issue/revoke-session.js';
import type { Authentication } from '../issue/session-data.js';
import { requireTokenIssuer } from '../issue/token-issuer.js';
import type { HttpResponse } from '../lib/http-response.js';
import { refuseOption } from '../lib/options.js';
import { createRouteGuards, type Guard, type RouteGuards } from '../verify/guards.js';
import { requireAllowedOrigin } from '../verify/origin.js';
import { reportGuard, requireCall } from '../verify/request-authenticator.js';
import type { VerifiedToken } from '../verify/verified-token.js';
import { redirectFor, refusalResponse, seeOther } from './page-answers.js';
import { createCookieJar, maxAccessToken } from './page-cookies.js';
import type { PageExchange } from './page-exchange.js';
import { readPagesOptions, type PagesOptions } from './page-options.js';
import { readReturnPath } from './return-path.js';
import { createVisits } from './visits.js';
import { isForm, isUnsafe } from './who-asks.js';

/** What the `pages` of an adapter are made from. */
export interface Pages {
  /**
   * Finds out whose request it is, once for each request. A request without a session passes. So does a form when that could not be
   * found out: a sign-out clears the cookies also during an outage. Guards and {@link Pages.tokenOf} throw the error then.
   *
   * @throws AuthError the request is refused (400, 403), or could not be checked (500, 503); answer with {@link Pages.refuse}.
   */
  authenticate(exchange: PageExchange): Promise<void>;
  /**
   * Requires a session, and calls a guard with its token.
   *
   * @throws AuthError there is none (401), the guard refuses it, or as {@link Pages.authenticate} says.
   */
  guard<Context>(
    exchange: PageExchange,
    guard: Guard<Context> | undefined,
    context: Context,
  ): Promise<void>;
  /** Makes the guards of single routes. */
  guards<Middleware, Context>(
    toMiddleware: (guard: Guard<Context>) => Middleware,
  ): RouteGuards<Middleware, Context>;
  /**
   * The token of a request; `undefined` for one without a session, and after a sign-in or a sign-out.
   *
   * @throws Error no `pages` of this issuer has seen the request.
   * @throws AuthError it could not be found out whose form it is (500, 503).
   */
  tokenOf(request: object): VerifiedToken | undefined;
  /** Starts a session, sets both cookies, and answers with a redirect to {@link Pages.returnPath}. */
  signIn(exchange: PageExchange, grant: LoginGrant): Promise<HttpResponse>;
  /** Notes that the user of the session proved again who they are, sets both cookies, and answers in the same way. */
  reauthenticated(exchange: PageExchange, authentication?: Authentication): Promise<HttpResponse>;
  /** Ends the session, clears both cookies, and answers with a redirect. */
  signOut(exchange: PageExchange, location?: string): Promise<HttpResponse>;
  /** The path to return to after a sign-in. */
  returnPath(exchange: Pick<PageExchange, 'url' | 'body'>): string;
  /** Whether {@link Pages.refuse} sends a person to sign in or to prove again who they are: never left to the application. */
  redirects(exchange: PageExchange, error: AuthError): boolean;
  /** The answer to a refused request. */
  refuse(exchange: PageExchange, error: AuthError): HttpResponse;
}

/**
 * Checks options and binds the pages to an issuer.
 *
 * @param tokens - what {@link createTokenIssuer} returned.
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError `tokens` is something else, has no `revocations` or has `requireAccessToken`; or naming the option that is wrong.
 */
export function createPages(
  tokens: TokenIssuer,
  options: PagesOptions,
  adapterOptionNames: readonly string[] = [],
): Pages {
  requireCall('pages', tokens, "app.use(pages(tokens, { signIn: '/login' }))");
  requireTokenIssuer('pages', tokens);
  const checked = readPagesOptions(options, adapterOptionNames);
  requireSuitable(tokens);
  const { allowedOrigins } = checked;
  const { verifier } = tokens;
  const jar = createCookieJar(checked.names);
  const describe = (request: IncomingMessage) =>
    describeRequest(tokens.hooks.emit, checked.requestContext, request);
  const visits = createVisits({ tokens, jar, describe }, checked);

  /** Requires that another site has not made the request: also without a cookie, which browsers keep back from it. */
  function requireOwnForm(request: IncomingMessage): void {
    if (isUnsafe(request)) requireAllowedOrigin(request, allowedOrigins);
  }

  async function requireSession(exchange: PageExchange): Promise<VerifiedToken> {
    const token = await visits.tokenFor(exchange);
    if (token === undefined) throw new MissingTokenError(verifier.space);
    return token;
  }

  async function endSession({ request }: PageExchange): Promise<void> {
    const { access, refresh } = jar.read(request);
    const described = describe(request);
    const reference = refresh === undefined ? undefined : { refreshToken: refresh };
    if (reference !== undefined) await revokeFor(tokens, reference, undefined, described);
    const sessionId = access && (await visits.tokenIn(request, access))?.sessionId;
    const isOther = reference === undefined || sessionIdOf(tokens, reference) !== sessionId;
    if (sessionId !== undefined && isOther) {
      await revokeFor(tokens, { sessionId }, undefined, described);
    }
  }

  return {
    async authenticate(exchange) {
      try {
        await visits.tokenFor(exchange);
      } catch (error) {
        if (!isForm(exchange.request) || !isAuthError(error) || error.status < 500) throw error;
        visits.of(exchange).failure = error;
      }
    },
    async guard(exchange, guard, context) {
      const token = await requireSession(exchange).catch((error: unknown) => {
        if (guard?.scope !== undefined) nameScope(error, guard.scope);
        // An error handler of the application may ask who it is, to render its page.
        visits.of(exchange).failure = undefined;
        throw error;
      });
      try {
        await guard?.(token, context);
      } catch (error) {
        reportGuard(verifier, error, token, () => describe(exchange.request));
        throw error;
      }
    },
    guards(toMiddleware) {
      const guards = createRouteGuards(verifier, toMiddleware);
      if (checked.reauthenticate !== undefined) return guards;
      return { ...guards, fresh: refuseStepUp, acr: refuseStepUp };
    },
    tokenOf(request) {
      const visit = visits.known(request);
      if (visit === undefined) {
        throw new Error(
          'pages has not seen this request: put app.use(auth) or auth.page in front of this handler',
        );
      }
      if (visit.failure !== undefined) throw visit.failure;
      return visit.token;
    },
    signIn(exchange, grant) {
      const { request } = exchange;
      const visit = visits.of(exchange);
      return visits.reporting(request, async () => {
        const { refresh } = jar.read(request);
        requireOwnForm(request);
        const former = refresh === undefined ? [] : [refresh];
        const pair = await issueOver({ tokens, describe }, request, former, grant, maxAccessToken);
        warnIfCookieIsLost(request, 'cookie');
        // The former session has ended, and the browser has to bring the new one.
        visits.leave(visit);
        visit.headers.setCookies(jar.store(pair));
        return seeOther(readReturnPath(exchange));
      });
    },
    reauthenticated(exchange, authentication = {}) {
      const { request } = exchange;
      const visit = visits.of(exchange);
      return visits.reporting(request, async () => {
        requireOwnForm(request);
        const { refresh } = jar.read(request);
        const { sessionId } = await requireSession(exchange);
        const named = refresh && sessionIdOf(tokens, { refreshToken: refresh });
        // The proof was of the user of this session. Another tab may have signed somebody else in.
        if (sessionId === undefined || (named !== undefined && named !== sessionId)) {
          throw new InvalidRefreshTokenError(verifier.space);
        }
        // The key of the refresh token may be gone: then the access token says which session it is.
        const session = named === undefined ? { sessionId } : { refreshToken: refresh };
        const details = { request: describe(request), maxLength: maxAccessToken };
        const pair = await reauthenticateFor(tokens, session, authentication, details);
        visits.steppedUp(sessionId);
        visit.headers.setCookies(jar.store(pair));
        return seeOther(readReturnPath(exchange));
      });
    },
    signOut(exchange, location = '/') {
      const { request } = exchange;
      const visit = visits.of(exchange);
      return visits.reporting(request, async () => {
        requireLocation(location);
        if (!isUnsafe(request)) {
          throw new InvalidRequestError('method_not_allowed', { headers: { Allow: 'POST' } });
        }
        requireOwnForm(request);
        jar.read(request);
        // Also when the store is down: the user asked for it, and on a shared computer the cookie is the danger.
        visit.headers.setCookies(jar.clear());
        visits.leave(visit);
        await endSession(exchange);
        return seeOther(location);
      });
    },
    returnPath: readReturnPath,
    redirects: (exchange, error) => redirectFor(exchange, error, checked) !== undefined,
    refuse: (exchange, error) => refusalResponse(exchange, error, checked),
  };
}

function requireSuitable({ revocations, requireAccessToken }: TokenIssuer): void {
  if (revocations === undefined) {
    throw new TypeError(
      'pages needs an issuer with revocations: a late answer can bring an access cookie back after the sign-out, and only the ' +
        'revocation list refuses it then. Give revocations to createTokenIssuer, for example new RedisRevocations({ client }).',
    );
  }
  if (requireAccessToken) {
    throw new TypeError(
      'pages sends no access token with a refresh, and the issuer has requireAccessToken: every refresh would fail. Remove requireAccessToken.',
    );
  }
}

function refuseStepUp(): never {
  throw new TypeError(
    'fresh and acr send the user to a page where they prove again who they are: set the option reauthenticate to its path, ' +
      "for example '/confirm'",
  );
}

function requireLocation(location: unknown): void {
  // Printable ASCII without spaces: nothing that could end the header line.
  if (typeof location !== 'string' || !/^[\x21-\x7E]+$/.test(location)) {
    refuseOption('the location of signOut', 'a path or a URL, percent-encoded', location);
  }
}
