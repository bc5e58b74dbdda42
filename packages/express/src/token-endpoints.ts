// The refresh and logout journeys in Express: core's endpoints under a mount.

import {
  createTokenEndpoints,
  tokenErrorResponse,
  type TokenEndpointOptions,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';
import type { Request, RequestHandler, Response } from 'express';

import { refuse, send, type OnError } from './respond.js';

export interface ExpressTokenEndpointOptions extends TokenEndpointOptions {
  /**
   * `'respond'` answers refusals as RFC 6749 §5.2 JSON; `'next'` hands the typed error to the application's error
   * handler. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}

/** Middleware to mount, and the way to answer a login in the same transport. */
export interface ExpressTokenEndpoints extends RequestHandler {
  /** Answers a login with its token pair. */
  send(req: Request, res: Response, pair: TokenPair): void;
}

/**
 * `POST /refresh`, `POST /logout`, `POST /logout-all`, `GET /sessions` and `DELETE /sessions/:id` below the path that
 * this is mounted at. Other paths are passed on. Works before and after a body parser.
 *
 * @throws TypeError naming the option that is wrong.
 */
export function tokenEndpoints(
  tokens: TokenIssuer,
  options: ExpressTokenEndpointOptions = {},
): ExpressTokenEndpoints {
  const { onError = 'respond', ...rest } = options;
  const endpoints = createTokenEndpoints(tokens, rest);

  const handler: RequestHandler = function handleTokenEndpoint(req, res, next) {
    const body: unknown = req.body;
    endpoints.handle({ request: req, path: req.path, body }).then(
      (response) => (response ? send(res, response) : next()),
      (error: unknown) => refuse(error, res, next, onError, tokenErrorResponse),
    );
  };
  return Object.assign(handler, {
    send: (_req: Request, res: Response, pair: TokenPair) => send(res, endpoints.deliver(pair)),
  });
}
