import {
  VerifiedToken,
  TokenVerifier,
  LoginGrant,
  LoginOptions,
  TokenPair,
  TokenIssuer,
  Authentication,
} from '@tokenpair/core';
import {
  RouteGuards,
  AuthenticationOptions,
  TokenEndpointOptions,
  PagesOptions,
  ProtectedResourceOptions,
} from '@tokenpair/core/adapter';
import Koa from 'koa';

/** `'respond'`: the middleware answers an error. `'throw'`: it throws the typed error. */
type OnError = 'respond' | 'throw';
/** The members of a context that are used, so that the context type of every application fits. */
type Context = Koa.ParameterizedContext;

interface BearerOptions extends AuthenticationOptions {
  /**
   * `'respond'` answers errors as `application/problem+json`, and keeps headers that were set before; `'throw'` throws the
   * typed error. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}
/** The state after `bearer`: `new Koa<AuthState>()`. With `optional`, `AuthState<VerifiedToken | undefined>`. */
interface AuthState<Token = VerifiedToken> {
  auth: Token;
}
/** Middleware that verifies requests, with guards for single routes. */
interface Bearer<Token = VerifiedToken>
  extends Koa.Middleware, RouteGuards<Koa.Middleware, Context, NonNullable<Token>> {
  /**
   * The verified token of a request, as in `ctx.state.auth`.
   *
   * @throws Error no `bearer` of this verifier has verified the request.
   */
  of(ctx: Pick<Context, 'req'>): Token;
}
/** With `optional`, a request may have no token. */
type OptionalBearer<Claims = unknown> = Bearer<VerifiedToken<Claims> | undefined>;
/**
 * Creates Koa middleware that verifies the bearer token of every request that reaches it, and sets `ctx.state.auth`.
 *
 * Use it with `app.use`, on a router or on a single route. {@link verifyBearer} lists what is checked. Several `bearer`s of
 * one verifier verify a request once, and each of them has its token in `of`. Errors of later middleware are not handled.
 *
 * @param verifier - made by `createTokenVerifier`, or the `verifier` of an issuer.
 * @throws TypeError `verifier` is something else, or an option is wrong; the message says what to pass.
 *
 * @example
 * const auth = bearer(tokens.verifier);
 * app.use(auth);
 * app.use((ctx) => { ctx.body = { id: auth.of(ctx).subject }; });
 */
declare function bearer<Claims = unknown>(
  verifier: TokenVerifier<Claims>,
  options: BearerOptions & {
    readonly optional: true | 'lenient';
  },
): OptionalBearer<Claims>;
declare function bearer<Claims = unknown>(
  verifier: TokenVerifier<Claims>,
  options?: BearerOptions,
): Bearer<VerifiedToken<Claims>>;

interface KoaTokenEndpointOptions extends TokenEndpointOptions {
  /**
   * Path of the endpoints, for example `'/auth'`. Leave it out behind `koa-mount`. `router.use` of @koa/router cannot mount the
   * endpoints, and refuses them. @defaultValue `''` (the root)
   */
  readonly mount?: string | undefined;
  /** `'respond'` answers errors as RFC 6749 §5.2 JSON; `'throw'` throws the typed error. @defaultValue `'respond'` */
  readonly onError?: OnError | undefined;
}
/** Middleware to use, a function that answers a login in the same transport, and a metadata document. */
interface KoaTokenEndpoints extends Koa.Middleware {
  /**
   * Answers a login: issues the pair, ends the session that it replaces in this browser, and sends it in the transport of the
   * endpoints. Checks no password: call it when the user's identity is proved.
   *
   * Answers errors of tokenpair itself, unless `onError` is `'throw'`: then the promise rejects with them.
   *
   * @throws TypeError the grant or an option is wrong; the message names it. Or a person would see the tokens as a page: the
   * request is a navigation, and there is no `redirect`.
   */
  login(ctx: Context, grant: LoginGrant, options?: LoginOptions): Promise<void>;
  /**
   * Answers with a token pair that was issued before, in the transport of the endpoints; with `redirect` by the cookie and a
   * redirect.
   *
   * @throws OriginRefusedError (403) it would set the cookie, and the request comes from a page that is not allowed.
   * @throws TypeError `pair` is no token pair, an option is wrong, or a person would see the tokens as a page.
   */
  send(ctx: Context, pair: TokenPair, options?: LoginOptions): void;
  /** Middleware for the RFC 8414 metadata; requires the option `url`. Use it at the root of the host. */
  readonly wellKnown: Koa.Middleware;
}
/**
 * Creates middleware for the endpoints of an issuer, below `mount`: `/refresh`, `/logout`, `/logout-all`, `/sessions`,
 * `/token`, `/revoke`, `/.well-known/jwks.json`, and `/revocations` with `authenticateFollower`. Passes requests for
 * other paths on. Works before and after a body parser.
 *
 * @throws TypeError an argument or an option is wrong; the message says what to pass.
 */
declare function tokenEndpoints(
  tokens: TokenIssuer,
  options?: KoaTokenEndpointOptions,
): KoaTokenEndpoints;

interface KoaPagesOptions extends PagesOptions {
  /**
   * `'respond'` answers a refused request with a small page, or with `application/problem+json` for a program; `'throw'` throws the
   * typed error. A person who must sign in is redirected in both cases. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}
/** Middleware that requires a session, with guards that require more. */
interface PageGuard<Token = VerifiedToken>
  extends Koa.Middleware, RouteGuards<Koa.Middleware, Context, Token> {}
/** Middleware that finds out whose request it is, and what a server needs to sign users in and out. */
interface KoaPages<Token = VerifiedToken> extends Koa.Middleware {
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
declare function pages<Claims = unknown>(
  tokens: TokenIssuer<Claims>,
  options: KoaPagesOptions,
): KoaPages<VerifiedToken<Claims>>;

/**
 * Creates middleware that answers the metadata document of a protected resource below `/.well-known/`. Use it at the root of
 * the host. Give the URL of the document to the verifier as `resourceMetadata`: then every challenge contains it.
 *
 * @throws TypeError an option is wrong; the message names it.
 * @see RFC 9728
 */
declare function protectedResource(options: ProtectedResourceOptions): Koa.Middleware;

/**
 * Creates Koa middleware that answers errors of tokenpair, thrown by later middleware, as `application/problem+json`. Throws
 * every other error again. Use it before the routes: `app.use(authErrors())`.
 *
 * @param options - none yet.
 * @throws TypeError an option was given, or `authErrors` was passed to `app.use` without being called.
 */
declare function authErrors(options?: Readonly<Record<string, never>>): Koa.Middleware;

export { authErrors, bearer, pages, protectedResource, tokenEndpoints };
export type {
  AuthState,
  Bearer,
  BearerOptions,
  Context,
  KoaPages,
  KoaPagesOptions,
  KoaTokenEndpointOptions,
  KoaTokenEndpoints,
  OnError,
  OptionalBearer,
  PageGuard,
};
