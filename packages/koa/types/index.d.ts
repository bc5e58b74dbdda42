import { VerifiedToken, TokenVerifier, TokenPair, TokenIssuer } from '@tokenpair/core';
import {
  RouteGuards,
  AuthenticationOptions,
  TokenEndpointOptions,
  ProtectedResourceOptions,
} from '@tokenpair/core/adapter';
import Koa from 'koa';

/** Who answers a refusal: we do, or whoever catches the typed error. */
type OnError = 'respond' | 'throw';
/** What we use of a context, so that every application's own type of it will do. */
type Context = Koa.ParameterizedContext;

interface BearerOptions extends AuthenticationOptions {
  /**
   * `'respond'` answers refusals as `application/problem+json`, and headers that are set already stay; `'throw'`
   * throws the typed error. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}
/** The state behind `bearer`: `new Koa<AuthState>()`. With `optional`, `AuthState<VerifiedToken | undefined>`. */
interface AuthState<Token = VerifiedToken> {
  auth: Token;
}
/** Middleware that authenticates, and the guards of single routes. */
interface Bearer<Token = VerifiedToken>
  extends Koa.Middleware, RouteGuards<Koa.Middleware, Context> {
  /** The verified token of a request, as in `ctx.state.auth`. @throws Error the request has not come through here. */
  of(ctx: Pick<Context, 'req'>): Token;
}
/** With `optional`, a request may have no token. */
type OptionalBearer = Bearer<VerifiedToken | undefined>;
/**
 * Koa middleware that verifies the bearer token of every request that reaches it, and leaves it in `ctx.state.auth`.
 *
 * Use it with `app.use`, on a router or on a single route. See {@link verifyBearer} for what is checked. What is thrown
 * behind it is not touched.
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

interface KoaTokenEndpointOptions extends TokenEndpointOptions {
  /** Path that the endpoints stand below, `'/auth'` say; leave it out behind `koa-mount`. @defaultValue `''` */
  readonly mount?: string | undefined;
  /** `'respond'` answers refusals as RFC 6749 §5.2 JSON; `'throw'` throws the typed error. @defaultValue `'respond'` */
  readonly onError?: OnError | undefined;
}
/** Middleware to use, the way to answer a login in the same transport, and the document for the root. */
interface KoaTokenEndpoints extends Koa.Middleware {
  /** Answers a login with its token pair. */
  send(ctx: Context, pair: TokenPair): void;
  /** RFC 8414 metadata, with the option `url`. Use it at the root of the host. */
  readonly wellKnown: Koa.Middleware;
}
/**
 * The endpoints of an issuer below `mount`: `/refresh`, `/logout`, `/logout-all`, `/sessions`, `/token`, `/revoke`,
 * `/.well-known/jwks.json`. Other paths are passed on. Works before and after a body parser.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare function tokenEndpoints(
  tokens: TokenIssuer,
  options?: KoaTokenEndpointOptions,
): KoaTokenEndpoints;

/**
 * The RFC 9728 document of a resource, at its place at the root of the host. Give its URL to the verifier as
 * `resourceMetadata`, and every challenge points to it.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare function protectedResource(options: ProtectedResourceOptions): Koa.Middleware;

/**
 * Koa middleware that answers tokenpair's own errors, thrown behind it, as `application/problem+json`. Every other error
 * goes on as it was. Use it before the routes.
 *
 * @throws TypeError it was given an option, of which it has none, or was passed to `app.use` without being called.
 */
declare function authErrors(options?: Readonly<Record<string, never>>): Koa.Middleware;

export { authErrors, bearer, protectedResource, tokenEndpoints };
export type {
  AuthState,
  Bearer,
  BearerOptions,
  Context,
  KoaTokenEndpointOptions,
  KoaTokenEndpoints,
  OnError,
  OptionalBearer,
};
