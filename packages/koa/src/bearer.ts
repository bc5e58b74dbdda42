// Koa middleware that verifies bearer tokens, with guards for single routes. RFC 6750

import { type TokenVerifier, type VerifiedToken } from '@tokenpair/core';
import {
  createRequestAuthenticator,
  createRouteGuards,
  problemResponse,
  type AuthenticationOptions,
  type RouteGuards,
} from '@tokenpair/core/adapter';
import type Koa from 'koa';

import { handleError, readOnError, type Context, type OnError } from './respond.js';

export interface BearerOptions extends AuthenticationOptions {
  /**
   * `'respond'` answers errors as `application/problem+json`, and keeps headers that were set before; `'throw'` throws the
   * typed error. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}

/** The state after `bearer`: `new Koa<AuthState>()`. With `optional`, `AuthState<VerifiedToken | undefined>`. */
export interface AuthState<Token = VerifiedToken> {
  auth: Token;
}

/** Middleware that verifies requests, with guards for single routes. */
export interface Bearer<Token = VerifiedToken>
  extends Koa.Middleware, RouteGuards<Koa.Middleware, Context, NonNullable<Token>> {
  /**
   * The verified token of a request, as in `ctx.state.auth`.
   *
   * @throws Error no `bearer` of this verifier has verified the request.
   */
  of(ctx: Pick<Context, 'req'>): Token;
}

/** With `optional`, a request may have no token. */
export type OptionalBearer<Claims = unknown> = Bearer<VerifiedToken<Claims> | undefined>;

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
export function bearer<Claims = unknown>(
  verifier: TokenVerifier<Claims>,
  options: BearerOptions & { readonly optional: true | 'lenient' },
): OptionalBearer<Claims>;
export function bearer<Claims = unknown>(
  verifier: TokenVerifier<Claims>,
  options?: BearerOptions,
): Bearer<VerifiedToken<Claims>>;
export function bearer(verifier: TokenVerifier, options: BearerOptions = {}): OptionalBearer {
  const authenticator = createRequestAuthenticator(verifier, options, ['onError']);
  const onError = readOnError(options.onError);

  function middleware(check: (ctx: Context) => Promise<void> | undefined): Koa.Middleware {
    return function bearerMiddleware(ctx, next) {
      const pending = check(ctx);
      if (pending === undefined) return proceed(ctx, next);
      return pending.then(
        () => proceed(ctx, next),
        (error: unknown) => handleError(error, ctx, onError, problemResponse),
      );
    };
  }

  function proceed(ctx: Context, next: Koa.Next): Promise<unknown> {
    ctx.state['auth'] = authenticator.tokenOf(ctx.req);
    return next();
  }

  return Object.assign(
    middleware((ctx) => authenticator.authenticate(ctx.req)),
    createRouteGuards<Koa.Middleware, Context>(verifier, (guard) =>
      middleware((ctx) => authenticator.guard(ctx.req, guard, ctx)),
    ),
    { of: ({ req }: Pick<Context, 'req'>) => authenticator.requireToken(req) },
  );
}
