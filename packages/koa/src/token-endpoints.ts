// Koa middleware for the endpoints that refresh tokens and end sessions. RFC 6749 §6, RFC 7009

import {
  isAuthError,
  type LoginGrant,
  type LoginOptions,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';
import {
  createTokenEndpoints,
  tokenErrorResponse,
  type TokenEndpointOptions,
} from '@tokenpair/core/adapter';
import type Koa from 'koa';

import { answering, readOnError, send, type Context, type OnError } from './respond.js';

export interface KoaTokenEndpointOptions extends TokenEndpointOptions {
  /**
   * Path of the endpoints, for example `'/auth'`. Leave it out behind `koa-mount`. `router.use` of @koa/router cannot mount the
   * endpoints, and refuses them. @defaultValue `''` (the root)
   */
  readonly mount?: string | undefined;
  /** `'respond'` answers errors as RFC 6749 §5.2 JSON; `'throw'` throws the typed error. @defaultValue `'respond'` */
  readonly onError?: OnError | undefined;
}

/** Middleware to use, a function that answers a login in the same transport, and a metadata document. */
export interface KoaTokenEndpoints extends Koa.Middleware {
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
export function tokenEndpoints(
  tokens: TokenIssuer,
  options: KoaTokenEndpointOptions = {},
): KoaTokenEndpoints {
  const endpoints = createTokenEndpoints(tokens, options, ['mount', 'onError']);
  const { mount = '' } = options;
  if (mount !== '' && !/^(?:\/[^/?#]+)+$/.test(mount)) {
    throw new TypeError(`mount must be a path like '/auth', without a slash at its end`);
  }
  const onError = readOnError(options.onError);
  const middleware = Object.assign(
    answering(endpoints.handle, { mount, onError }, endpoints.refuse),
    {
      wellKnown: answering(endpoints.handleRoot, { mount: '', onError }, endpoints.refuse),
      async login(ctx: Context, grant: LoginGrant, loginOptions?: LoginOptions) {
        try {
          send(ctx, await endpoints.login(ctx.req, grant, loginOptions));
        } catch (error) {
          if (!isAuthError(error) || onError === 'throw') throw error;
          send(ctx, tokenErrorResponse(error));
        }
      },
      send: (ctx: Context, pair: TokenPair, loginOptions?: LoginOptions) =>
        send(ctx, endpoints.deliver(ctx.req, pair, loginOptions)),
    },
  );
  return refuseRouterUse(middleware);
}

// @koa/router calls what `router.use` was given only for the paths of its routes, and has none for ours: every request would be
// 404. It looks at this property when `router.use` is called, because there can be another router behind it.
function refuseRouterUse<Middleware extends object>(middleware: Middleware): Middleware {
  return Object.defineProperty(middleware, 'router', {
    configurable: true,
    get() {
      throw new TypeError(
        `router.use(path, tokenEndpoints(tokens)) never answers: @koa/router calls it only for paths that have a route. ` +
          `Write app.use(tokenEndpoints(tokens, { mount: '/auth' })) in front of the router`,
      );
    },
  });
}
