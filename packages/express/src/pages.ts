// Express middleware for the sessions of pages that this server renders.

import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  isAuthError,
  type Authentication,
  type LoginGrant,
  type TokenIssuer,
  type VerifiedToken,
} from '@tokenpair/core';
import {
  createPages,
  type HttpResponse,
  type PageExchange,
  type PagesOptions,
  type RouteGuards,
} from '@tokenpair/core/adapter';
import type { Request, Response } from 'express';

import type { Middleware } from './bearer.js';
import { handleError, readOnError, send, settle, type OnError } from './respond.js';

export interface ExpressPagesOptions extends PagesOptions {
  /**
   * `'respond'` answers a refused request with a small page, or with `application/problem+json` for a program; `'next'` passes the
   * typed error to the application's error handler. A person who must sign in is redirected in both cases.
   * @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}

/** Middleware that requires a session, with guards that require more. */
export interface PageGuard<Token = VerifiedToken>
  extends Middleware, RouteGuards<Middleware, Request, Token> {}

/** Middleware that finds out whose request it is, and what a server needs to sign users in and out. */
export interface ExpressPages<Token = VerifiedToken> extends Middleware {
  /**
   * Requires a session: a person without one is sent to `signIn`, a program gets 401. With `.scopes`, `.anyScope`, `.claim` and
   * `.check` as on `bearer`; and `.fresh` and `.acr`, which need the option `reauthenticate`. Authenticates by itself where
   * `app.use(auth)` has not run.
   */
  readonly page: PageGuard<Token>;
  /**
   * The verified token of a request; `undefined` for one without a session, and after `signIn` and `signOut`.
   *
   * @throws Error neither the middleware nor one of its guards has seen the request.
   * @throws AuthError (500, 503) it could not be found out whose request it is, and its method is not `GET` or `HEAD`: such a
   * request passes the middleware, so that a sign-out clears the cookies also during an outage. Guards refuse it.
   */
  of(req: IncomingMessage): Token | undefined;
  /**
   * Starts a session, sets both cookies and answers 303 to {@link ExpressPages.returnPath}. Checks no password: call it when the
   * user's identity is proved. The session of the cookie that comes with the request ends.
   *
   * The form must come from an allowed origin. A `GET` is not checked: there the `state` of your redirect protects.
   *
   * Answers errors of tokenpair itself, unless `onError` is `'next'`: then the promise rejects with them.
   *
   * @throws TypeError the grant is wrong; the message names the member.
   */
  signIn(req: Request, res: Response, grant: LoginGrant): Promise<void>;
  /**
   * Notes that the user of this session has proved again who they are, sets both cookies and answers 303 to
   * {@link ExpressPages.returnPath}. Checks no proof. The session goes on. Checks and answers as {@link ExpressPages.signIn} does.
   *
   * @param authentication - when and how. @defaultValue now
   * @see RFC 9470
   */
  reauthenticated(req: Request, res: Response, authentication?: Authentication): Promise<void>;
  /**
   * Ends this session, clears both cookies, and answers 303. Refuses `GET` and `HEAD` with 405. The form must come from an allowed
   * origin. The cookies are cleared also when the answer is 503, because the store is down.
   *
   * @param location - where the browser goes. Never take it from the request unchecked. @defaultValue `'/'`
   */
  signOut(req: Request, res: Response, location?: string): Promise<void>;
  /**
   * The path to return to: `return` of the parsed form, else of the query; `'/'` unless it stays on this origin. Escape it when you
   * write it into a page: it comes from the browser.
   */
  returnPath(req: Request): string;
}

/**
 * Creates middleware for pages that this server renders: both tokens are in cookies that no script can read, and a request whose
 * access token has expired is refreshed in this process. Mount static files before it.
 *
 * A cookie counts for a navigation, and for requests of the own origin and of `allowedOrigins`. Every answer behind it has
 * `Vary: Cookie`; with a session or a cookie `Cache-Control: private, no-store`, whatever the handler says.
 *
 * @param tokens - what `createTokenIssuer` returned, with `revocations` and without `requireAccessToken`.
 * @throws TypeError an argument or an option is wrong; the message says what to pass.
 *
 * @example
 * const auth = pages(tokens, { signIn: '/login' });
 * app.use(auth);
 * app.get('/orders', auth.page, (req, res) => res.render('orders', { user: auth.of(req).subject }));
 */
export function pages<Claims = unknown>(
  tokens: TokenIssuer<Claims>,
  options: ExpressPagesOptions,
): ExpressPages<VerifiedToken<Claims>>;
export function pages(tokens: TokenIssuer, options: ExpressPagesOptions): ExpressPages {
  const core = createPages(tokens, options, ['onError']);
  const onError = readOnError(options.onError);

  const reactionTo = (exchange: PageExchange, error: unknown) =>
    isAuthError(error) && core.redirects(exchange, error) ? 'respond' : onError;

  function middleware(check: (exchange: PageExchange, req: Request) => Promise<void>): Middleware {
    return function pagesMiddleware(req, res, next) {
      const exchange = toExchange(req, res);
      settle(
        res,
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Express calls middleware with its own request
        check(exchange, req as Request),
        () => next(),
        (error) =>
          handleError(error, res, next, reactionTo(exchange, error), (refused) =>
            core.refuse(exchange, refused),
          ),
      );
    };
  }

  async function answer(
    req: Request,
    res: Response,
    respond: (exchange: PageExchange) => Promise<HttpResponse>,
  ): Promise<void> {
    const exchange = toExchange(req, res);
    try {
      send(res, await respond(exchange));
    } catch (error) {
      if (!isAuthError(error) || reactionTo(exchange, error) === 'next') throw error;
      send(res, core.refuse(exchange, error));
    }
  }

  const page = Object.assign(
    middleware((exchange, req) => core.guard(exchange, undefined, req)),
    core.guards<Middleware, Request>((guard) =>
      middleware((exchange, req) => core.guard(exchange, guard, req)),
    ),
  );
  return Object.assign(
    middleware((exchange) => core.authenticate(exchange)),
    {
      page,
      of: (req: IncomingMessage) => core.tokenOf(req),
      signIn: (req: Request, res: Response, grant: LoginGrant) =>
        answer(req, res, (exchange) => core.signIn(exchange, grant)),
      reauthenticated: (req: Request, res: Response, authentication?: Authentication) =>
        answer(req, res, (exchange) => core.reauthenticated(exchange, authentication)),
      signOut: (req: Request, res: Response, location?: string) =>
        answer(req, res, (exchange) => core.signOut(exchange, location)),
      returnPath: (req: Request) => core.returnPath(toExchange(req, undefined)),
    },
  );
}

function toExchange(request: IncomingMessage, response: ServerResponse): PageExchange;
function toExchange(
  request: IncomingMessage,
  response: undefined,
): Pick<PageExchange, 'url' | 'body'>;
function toExchange(request: IncomingMessage, response: ServerResponse | undefined) {
  // Express takes the path of a mount away from `url`.
  const original: unknown = Reflect.get(request, 'originalUrl');
  const url = typeof original === 'string' ? original : (request.url ?? '');
  const body: unknown = Reflect.get(request, 'body');
  return { request, response, url, body };
}
