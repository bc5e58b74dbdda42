import { IncomingMessage, ServerResponse } from 'node:http';
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
import { Request, RequestHandler, Response, ErrorRequestHandler } from 'express';

/** `'respond'`: the middleware answers an error. `'next'`: the application's error handler gets the typed error. */
type OnError = 'respond' | 'next';

interface BearerOptions extends AuthenticationOptions {
  /**
   * `'respond'` answers errors as `application/problem+json`; `'next'` passes the typed error to the application's error
   * handler. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}
/** Middleware for every version of Express. It does not mention `req.params`, so a route keeps its own type of them. */
type Middleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;
/** Middleware that verifies requests, with guards for single routes. */
interface Bearer<Token = VerifiedToken>
  extends Middleware, RouteGuards<Middleware, Request, NonNullable<Token>> {
  /** The verified token of a request. @throws Error no `bearer` of this verifier has verified the request. */
  of(req: IncomingMessage): Token;
}
/** With `optional`, a request may have no token. */
type OptionalBearer<Claims = unknown> = Bearer<VerifiedToken<Claims> | undefined>;
/**
 * Creates Express middleware that verifies the bearer token of every request that reaches it.
 *
 * Use it with `app.use`, on a router or on a single route. {@link verifyBearer} lists what is checked. Several `bearer`s of
 * one verifier verify a request once, and each of them has its token in `of`.
 *
 * @param verifier - made by `createTokenVerifier`, or the `verifier` of an issuer.
 * @throws TypeError `verifier` is something else, or an option is wrong; the message says what to pass.
 *
 * @example
 * const auth = bearer(tokens.verifier);
 * app.get('/me', auth, (req, res) => res.json({ id: auth.of(req).subject }));
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

interface ExpressTokenEndpointOptions extends TokenEndpointOptions {
  /**
   * `'respond'` answers errors as RFC 6749 §5.2 JSON; `'next'` passes the typed error to the application's error handler.
   * @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}
/** Middleware to mount, a function that answers a login in the same transport, and a metadata document. */
interface ExpressTokenEndpoints extends RequestHandler {
  /**
   * Answers a login: issues the pair, ends the session that it replaces in this browser, and sends it in the transport of the
   * endpoints. Checks no password: call it when the user's identity is proved.
   *
   * Answers errors of tokenpair itself, unless `onError` is `'next'`: then the promise rejects with them.
   *
   * @throws TypeError the grant or an option is wrong; the message names it. Or a person would see the tokens as a page: the
   * request is a navigation, and there is no `redirect`.
   */
  login(req: Request, res: Response, grant: LoginGrant, options?: LoginOptions): Promise<void>;
  /**
   * Answers with a token pair that was issued before, in the transport of the endpoints; with `redirect` by the cookie and a
   * redirect.
   *
   * @throws OriginRefusedError (403) it would set the cookie, and the request comes from a page that is not allowed.
   * @throws TypeError `pair` is no token pair, an option is wrong, or a person would see the tokens as a page.
   */
  send(req: Request, res: Response, pair: TokenPair, options?: LoginOptions): void;
  /** Middleware for the RFC 8414 metadata; requires the option `url`. Mount it at the root of the host. */
  readonly wellKnown: RequestHandler;
}
/**
 * Creates middleware for the endpoints of an issuer, below the path that it is mounted at: `/refresh`, `/logout`,
 * `/logout-all`, `/sessions`, `/token`, `/revoke`, `/.well-known/jwks.json`, and `/revocations` with `authenticateFollower`.
 * Passes requests for other paths on. Works before and after a body parser.
 *
 * @throws TypeError an argument or an option is wrong; the message says what to pass.
 */
declare function tokenEndpoints(
  tokens: TokenIssuer,
  options?: ExpressTokenEndpointOptions,
): ExpressTokenEndpoints;

interface ExpressPagesOptions extends PagesOptions {
  /**
   * `'respond'` answers a refused request with a small page, or with `application/problem+json` for a program; `'next'` passes the
   * typed error to the application's error handler. A person who must sign in is redirected in both cases.
   * @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}
/** Middleware that requires a session, with guards that require more. */
interface PageGuard<Token = VerifiedToken>
  extends Middleware, RouteGuards<Middleware, Request, Token> {}
/** Middleware that finds out whose request it is, and what a server needs to sign users in and out. */
interface ExpressPages<Token = VerifiedToken> extends Middleware {
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
declare function pages<Claims = unknown>(
  tokens: TokenIssuer<Claims>,
  options: ExpressPagesOptions,
): ExpressPages<VerifiedToken<Claims>>;

/**
 * Creates middleware that answers the metadata document of a protected resource below `/.well-known/`. Mount it at the root of
 * the host. Give the URL of the document to the verifier as `resourceMetadata`: then every challenge contains it.
 *
 * @throws TypeError an option is wrong; the message names it.
 * @see RFC 9728
 */
declare function protectedResource(options: ProtectedResourceOptions): RequestHandler;

/**
 * Creates an Express error handler that answers errors of tokenpair as `application/problem+json`, and passes other errors
 * to the next error handler. Mount it after the routes: `app.use(authErrors())`.
 *
 * @param options - none yet.
 * @throws TypeError an option was given, or `authErrors` was passed to `app.use` without being called.
 */
declare function authErrors(options?: Readonly<Record<string, never>>): ErrorRequestHandler;

export { authErrors, bearer, pages, protectedResource, tokenEndpoints };
export type {
  Bearer,
  BearerOptions,
  ExpressPages,
  ExpressPagesOptions,
  ExpressTokenEndpointOptions,
  ExpressTokenEndpoints,
  Middleware,
  OnError,
  OptionalBearer,
  PageGuard,
};
