// The guard journey in Koa: bearer and the guards of single routes.

import {
  createRequestAuthenticator,
  guardAnyScope,
  guardCheck,
  guardClaim,
  guardScopes,
  problemResponse,
  type AuthenticationOptions,
  type ClaimValue,
  type Guard,
  type ScopeList,
  type TokenVerifier,
  type VerifiedToken,
} from '@tokenpair/core';
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

/** Middleware that authenticates, and the guards of single routes. Each guard authenticates by itself if need be. */
export interface Bearer<Token = VerifiedToken> extends Koa.Middleware {
  /** Requires all of the scopes. 403 `scope_insufficient` */
  scopes(...scopes: ScopeList): Koa.Middleware;
  /** Requires one of the scopes. 403 `scope_insufficient` */
  anyScope(...scopes: ScopeList): Koa.Middleware;
  /** Requires a claim to be one of the values, or to be an array that holds one. 403 `claim_refused` */
  claim(name: string, ...values: readonly ClaimValue[]): Koa.Middleware;
  /** Requires an own predicate, which may be async, to answer `true`. 403 `claim_refused`; 503 when it throws */
  check(
    predicate: (token: VerifiedToken, ctx: Context) => boolean | Promise<boolean>,
  ): Koa.Middleware;
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
  const { onError: given, ...authentication } = options;
  const onError = readOnError(given);
  const authenticator = createRequestAuthenticator(verifier, authentication);

  function middleware(name: string, admit: (ctx: Context) => Promise<void>): Koa.Middleware {
    const handler: Koa.Middleware = async (ctx, next) => {
      try {
        await admit(ctx);
      } catch (error) {
        return refuse(error, ctx, onError, problemResponse);
      }
      ctx.state['auth'] = authenticator.tokenOf(ctx.req);
      return next();
    };
    return Object.defineProperty(handler, 'name', { value: name });
  }

  function guarded(guard: Guard<Context>): Koa.Middleware {
    return middleware('bearerGuard', (ctx) => authenticator.guard(ctx.req, guard, ctx));
  }

  return Object.assign(
    middleware('bearer', (ctx) => authenticator.authenticate(ctx.req)),
    {
      scopes: (...scopes: ScopeList) => guarded(guardScopes(...scopes)),
      anyScope: (...scopes: ScopeList) => guarded(guardAnyScope(...scopes)),
      claim: (name: string, ...values: readonly ClaimValue[]) =>
        guarded(guardClaim(name, ...values)),
      check: (predicate: Parameters<Bearer['check']>[0]) =>
        guarded(guardCheck(verifier, predicate)),
      of: ({ req }: Pick<Context, 'req'>) => {
        const token = authenticator.tokenOf(req);
        if (token === undefined && options.optional !== true) {
          throw new Error('bearer has not verified this request: put it in front of this handler');
        }
        return token;
      },
    },
  );
}
