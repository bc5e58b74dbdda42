// Koa middleware for the sessions of pages that this server renders.

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
import type Koa from 'koa';

import { handleError, readOnError, send, type Context, type OnError } from './respond.js';

export interface KoaPagesOptions extends PagesOptions {
  /**
   * `'respond'` answers a refused request with a small page, or with `application/problem+json` for a program; `'throw'` throws the
   * typed error. A person who must sign in is redirected in both cases. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}

/** Middleware that requires a session, with guards that require more. */
export interface PageGuard<Token = VerifiedToken>
  extends Koa.Middleware, RouteGuards<Koa.Middleware, Context, Token> {}

/** Middleware that finds out whose request it is, and what a server needs to sign users in and out. */
export interface KoaPages<Token = VerifiedToken> extends Koa.Middleware {
  /**
   * Requires a session: a person without one is sent to `signIn`, a program gets 401. With `.scopes`, `.anyScope`, `.claim` and
   * `.check` as on `bearer`; and `.fresh` and `.acr`, which need the option `reauthenticate`. Authenticates by itself where
   * `app.use(auth)` has not run. The token is in `ctx.state.auth` too.
   */
  readonly page: PageGuard<Token>;
  /**
   * The verified token of a request, as in `ctx.state.auth`; `undefined` for one without a session, and
   * after `signIn` and `signOut`.
   *
   * @throws Error neither the middleware nor one of its guards has seen the request.
   * @throws AuthError (500, 503) it could not be found out whose request it is, and its method is not `GET` or `HEAD`: such a
   * request passes the middleware, so that a sign-out clears the cookies also during an outage. Guards refuse it.
   */
  of(ctx: Pick<Context, 'req'>): Token | undefined;
  /**
   * Starts a session, sets both cookies and answers 303 to {@link KoaPages.returnPath}. Checks no password: call it when the user's
   * identity is proved. The session of the cookie that comes with the request ends.
   *
   * The form must come from an allowed origin. A `GET` is not checked: there the `state` of your redirect protects.
   *
   * Answers errors of tokenpair itself, unless `onError` is `'throw'`: then the promise rejects with them.
   *
   * @throws TypeError the grant is wrong; the message names the member.
   */
  signIn(ctx: Context, grant: LoginGrant): Promise<void>;
  /**
   * Notes that the user of this session has proved again who they are, sets both cookies and answers 303 to
   * {@link KoaPages.returnPath}. Checks no proof. The session goes on. Checks and answers as {@link KoaPages.signIn} does.
   *
   * @param authentication - when and how. @defaultValue now
   * @see RFC 9470
   */
  reauthenticated(ctx: Context, authentication?: Authentication): Promise<void>;
  /**
   * Ends this session, clears both cookies, and answers 303. Refuses `GET` and `HEAD` with 405. The form must come from an allowed
   * origin. The cookies are cleared also when the answer is 503, because the store is down.
   *
   * @param location - where the browser goes. Never take it from the request unchecked. @defaultValue `'/'`
   */
  signOut(ctx: Context, location?: string): Promise<void>;
  /**
   * The path to return to: `return` of the parsed form, else of the query; `'/'` unless it stays on this origin. Escape it when you
   * write it into a page: it comes from the browser.
   */
  returnPath(ctx: Context): string;
}

/**
 * Creates middleware for pages that this server renders: both tokens are in cookies that no script can read, and a request whose
 * access token has expired is refreshed in this process. Use it after the middleware for static files.
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
 * router.get('/orders', auth.page, (ctx) => ctx.render('orders', { user: auth.of(ctx).subject }));
 */
export function pages<Claims = unknown>(
  tokens: TokenIssuer<Claims>,
  options: KoaPagesOptions,
): KoaPages<VerifiedToken<Claims>>;
export function pages(tokens: TokenIssuer, options: KoaPagesOptions): KoaPages {
  const core = createPages(tokens, options, ['onError']);
  const onError = readOnError(options.onError);

  const reactionTo = (exchange: PageExchange, error: unknown) =>
    isAuthError(error) && core.redirects(exchange, error) ? 'respond' : onError;

  function middleware(
    check: (exchange: PageExchange, ctx: Context) => Promise<void>,
  ): Koa.Middleware {
    return async function pagesMiddleware(ctx, next) {
      const exchange = toExchange(ctx);
      try {
        await check(exchange, ctx);
      } catch (error) {
        return handleError(error, ctx, reactionTo(exchange, error), (refused) =>
          core.refuse(exchange, refused),
        );
      }
      showToken(ctx, () => core.tokenOf(ctx.req));
      return next();
    };
  }

  async function answer(
    ctx: Context,
    respond: (exchange: PageExchange) => Promise<HttpResponse>,
  ): Promise<void> {
    const exchange = toExchange(ctx);
    try {
      send(ctx, await respond(exchange));
    } catch (error) {
      if (!isAuthError(error) || reactionTo(exchange, error) === 'throw') throw error;
      send(ctx, core.refuse(exchange, error));
    }
  }

  const page = Object.assign(
    middleware((exchange, ctx) => core.guard(exchange, undefined, ctx)),
    core.guards<Koa.Middleware, Context>((guard) =>
      middleware((exchange, ctx) => core.guard(exchange, guard, ctx)),
    ),
  );
  return Object.assign(
    middleware((exchange) => core.authenticate(exchange)),
    {
      page,
      of: ({ req }: Pick<Context, 'req'>) => core.tokenOf(req),
      signIn: (ctx: Context, grant: LoginGrant) =>
        answer(ctx, (exchange) => core.signIn(exchange, grant)),
      reauthenticated: (ctx: Context, authentication?: Authentication) =>
        answer(ctx, (exchange) => core.reauthenticated(exchange, authentication)),
      signOut: (ctx: Context, location?: string) =>
        answer(ctx, (exchange) => core.signOut(exchange, location)),
      returnPath: (ctx: Context) => core.returnPath(toExchange(ctx)),
    },
  );
}

/** Lets `ctx.state.auth` be what `auth.of` answers: nothing after a sign-out, and an error when it is unknown who asks. */
function showToken({ state }: Context, tokenOf: () => VerifiedToken | undefined): void {
  const visible = { configurable: true, enumerable: true };
  Object.defineProperty(state, 'auth', {
    ...visible,
    get: tokenOf,
    // Other middleware may use the name too.
    set(value: unknown) {
      Object.defineProperty(state, 'auth', { ...visible, value, writable: true });
    },
  });
}

function toExchange(ctx: Context): PageExchange {
  const body: unknown = Reflect.get(ctx.request, 'body');
  return { request: ctx.req, response: ctx.res, url: ctx.originalUrl, body };
}
