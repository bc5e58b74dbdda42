// The refresh and logout journeys in Koa: core's endpoints under a mount.

import { type TokenIssuer, type TokenPair } from '@tokenpair/core';
import { createTokenEndpoints, type TokenEndpointOptions } from '@tokenpair/core/adapter';
import type Koa from 'koa';

import { answering, readOnError, send, type Context, type OnError } from './respond.js';

export interface KoaTokenEndpointOptions extends TokenEndpointOptions {
  /** Path that the endpoints stand below, `'/auth'` say; leave it out behind `koa-mount`. @defaultValue `''` */
  readonly mount?: string | undefined;
  /** `'respond'` answers refusals as RFC 6749 §5.2 JSON; `'throw'` throws the typed error. @defaultValue `'respond'` */
  readonly onError?: OnError | undefined;
}

/** Middleware to use, the way to answer a login in the same transport, and the document for the root. */
export interface KoaTokenEndpoints extends Koa.Middleware {
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
  return Object.assign(answering(endpoints.handle, { mount, onError }, endpoints.refuse), {
    wellKnown: answering(endpoints.handleRoot, { mount: '', onError }, endpoints.refuse),
    send: (ctx: Context, pair: TokenPair) => send(ctx, endpoints.deliver(ctx.req, pair)),
  });
}
