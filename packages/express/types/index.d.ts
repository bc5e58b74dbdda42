import { IncomingMessage, ServerResponse } from 'node:http';
import { VerifiedToken, TokenVerifier, TokenPair, TokenIssuer } from '@tokenpair/core';
import {
  RouteGuards,
  AuthenticationOptions,
  TokenEndpointOptions,
  ProtectedResourceOptions,
} from '@tokenpair/core/adapter';
import { Request, RequestHandler, Response, ErrorRequestHandler } from 'express';

/** Who answers a refusal: we do, or the application's own error handler, which gets the typed error. */
type OnError = 'respond' | 'next';

interface BearerOptions extends AuthenticationOptions {
  /**
   * `'respond'` answers refusals as `application/problem+json`; `'next'` hands the typed error to the application's
   * error handler. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}
/** Middleware of every version of Express. It says nothing of `req.params`, so a route keeps the type of its own. */
type Middleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;
/** Middleware that authenticates, and the guards of single routes. */
interface Bearer<Token = VerifiedToken> extends Middleware, RouteGuards<Middleware, Request> {
  /** The verified token of a request. @throws Error the request has not come through here. */
  of(req: IncomingMessage): Token;
}
/** With `optional`, a request may have no token. */
type OptionalBearer = Bearer<VerifiedToken | undefined>;
/**
 * Express middleware that verifies the bearer token of every request that reaches it.
 *
 * Use it with `app.use`, on a router or on a single route. See {@link verifyBearer} for what is checked.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare function bearer(
  verifier: TokenVerifier,
  options: BearerOptions & {
    readonly optional: true;
  },
): OptionalBearer;
declare function bearer(verifier: TokenVerifier, options?: BearerOptions): Bearer;

interface ExpressTokenEndpointOptions extends TokenEndpointOptions {
  /**
   * `'respond'` answers refusals as RFC 6749 §5.2 JSON; `'next'` hands the typed error to the application's error
   * handler. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}
/** Middleware to mount, the way to answer a login in the same transport, and the document for the root. */
interface ExpressTokenEndpoints extends RequestHandler {
  /** Answers a login with its token pair. */
  send(req: Request, res: Response, pair: TokenPair): void;
  /** RFC 8414 metadata, with the option `url`. Mount it at the root of the host. */
  readonly wellKnown: RequestHandler;
}
/**
 * The endpoints of an issuer below the path that this is mounted at: `/refresh`, `/logout`, `/logout-all`, `/sessions`,
 * `/token`, `/revoke`, `/.well-known/jwks.json`. Other paths are passed on. Works before and after a body parser.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare function tokenEndpoints(
  tokens: TokenIssuer,
  options?: ExpressTokenEndpointOptions,
): ExpressTokenEndpoints;

/**
 * The RFC 9728 document of a resource, at its place at the root of the host. Give its URL to the verifier as
 * `resourceMetadata`, and every challenge points to it.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare function protectedResource(options: ProtectedResourceOptions): RequestHandler;

/**
 * Express error handler that answers tokenpair's own errors, thrown in a route, as `application/problem+json`. Every
 * other error goes on to the next handler. Mount it after the routes.
 *
 * @throws TypeError it was given an option, of which it has none, or was passed to `app.use` without being called.
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
