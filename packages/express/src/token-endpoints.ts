// The refresh and logout journeys in Express: core's endpoints under a mount.

import { type TokenIssuer, type TokenPair } from '@tokenpair/core';
import { createTokenEndpoints, type TokenEndpointOptions } from '@tokenpair/core/adapter';
import type { Request, RequestHandler, Response } from 'express';

import { answering, readOnError, send, type OnError } from './respond.js';

export interface ExpressTokenEndpointOptions extends TokenEndpointOptions {
  /**
   * `'respond'` answers refusals as RFC 6749 §5.2 JSON; `'next'` hands the typed error to the application's error
   * handler. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}

/** Middleware to mount, the way to answer a login in the same transport, and the document for the root. */
export interface ExpressTokenEndpoints extends RequestHandler {
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
export function tokenEndpoints(
  tokens: TokenIssuer,
  options: ExpressTokenEndpointOptions = {},
): ExpressTokenEndpoints {
  const endpoints = createTokenEndpoints(tokens, options, ['onError']);
  const onError = readOnError(options.onError);
  return Object.assign(answering(endpoints.handle, onError, endpoints.refuse), {
    wellKnown: answering(endpoints.handleRoot, onError, endpoints.refuse),
    send: (req: Request, res: Response, pair: TokenPair) => send(res, endpoints.deliver(req, pair)),
  });
}
