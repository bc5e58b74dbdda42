// The guard journey in Koa: bearer and the guards of single routes.

import { type TokenVerifier, type VerifiedToken } from '@tokenpair/core';
import {
  createRequestAuthenticator,
  createRouteGuards,
  problemResponse,
  type AuthenticationOptions,
  type RouteGuards,
} from '@tokenpair/core/adapter';
import type Koa from 'koa';

import { readOnError, refuse, type Context, type OnError } from './respond.js';

export interface BearerOptions extends AuthenticationOptions {
  /**
   * `'respond'` answers refusals as `application/problem+json`, and headers that are set already stay; `'throw'`
   * throws the typed error. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}

/** The state behind `bearer`: `new Koa<AuthState>()`. With `optional`, `AuthState<VerifiedToken | undefined>`. */
export interface AuthState<Token = VerifiedToken> {
  auth: Token;
}

/** Middleware that authenticates, and the guards of single routes. */
export interface Bearer<Token = VerifiedToken>
  extends Koa.Middleware, RouteGuards<Koa.Middleware, Context> {
  /** The verified token of a request, as in `ctx.state.auth`. @throws Error the request has not come through here. */
  of(ctx: Pick<Context, 'req'>): Token;
}

/** With `optional`, a request may have no token. */
export type OptionalBearer = Bearer<VerifiedToken | undefined>;

/**
 * Koa middleware that verifies the bearer token of every request that reaches it, and leaves it in `ctx.state.auth`.
 *
 * Use it with `app.use`, on a router or on a single route. See {@link verifyBearer} for what is checked. What is thrown
 * behind it is not touched.
 *
 * @throws TypeError naming the option that is wrong.
 */
export function bearer(
  verifier: TokenVerifier,
  options: BearerOptions & { readonly optional: true },
): OptionalBearer;
export function bearer(verifier: TokenVerifier, options?: BearerOptions): Bearer;
export function bearer(verifier: TokenVerifier, options: BearerOptions = {}): OptionalBearer {
  const authenticator = createRequestAuthenticator(verifier, options, ['onError']);
  const onError = readOnError(options.onError);

  function middleware(
    name: string,
    admit: (ctx: Context) => Promise<void> | undefined,
  ): Koa.Middleware {
    const handler: Koa.Middleware = (ctx, next) => {
      const pending = admit(ctx);
      if (pending === undefined) return proceed(ctx, next);
      return pending.then(
        () => proceed(ctx, next),
        (error: unknown) => refuse(error, ctx, onError, problemResponse),
      );
    };
    return Object.defineProperty(handler, 'name', { value: name });
  }

  function proceed(ctx: Context, next: Koa.Next): Promise<unknown> {
    ctx.state['auth'] = authenticator.tokenOf(ctx.req);
    return next();
  }

  return Object.assign(
    middleware('bearer', (ctx) => authenticator.authenticate(ctx.req)),
    createRouteGuards<Koa.Middleware, Context>(verifier, (guard) =>
      middleware('bearerGuard', (ctx) => authenticator.guard(ctx.req, guard, ctx)),
    ),
    { of: ({ req }: Pick<Context, 'req'>) => authenticator.requireToken(req) },
  );
}
