import { IncomingMessage, ServerResponse } from 'node:http';
import {
  VerifiedToken,
  TokenVerifier,
  LoginGrant,
  LoginOptions,
  TokenPair,
  TokenIssuer,
} from '@tokenpair/core';
import {
  RouteGuards,
  AuthenticationOptions,
  TokenEndpointOptions,
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

export { authErrors, bearer, protectedResource, tokenEndpoints };
export type {
  Bearer,
  BearerOptions,
  ExpressTokenEndpointOptions,
  ExpressTokenEndpoints,
  Middleware,
  OnError,
  OptionalBearer,
};
