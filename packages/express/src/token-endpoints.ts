// Express middleware for the endpoints that refresh tokens and end sessions. RFC 6749 §6, RFC 7009

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
import type { Request, RequestHandler, Response } from 'express';

import { answering, readOnError, send, type OnError } from './respond.js';

export interface ExpressTokenEndpointOptions extends TokenEndpointOptions {
  /**
   * `'respond'` answers errors as RFC 6749 §5.2 JSON; `'next'` passes the typed error to the application's error handler.
   * @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}

/** Middleware to mount, a function that answers a login in the same transport, and a metadata document. */
export interface ExpressTokenEndpoints extends RequestHandler {
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
export function tokenEndpoints(
  tokens: TokenIssuer,
  options: ExpressTokenEndpointOptions = {},
): ExpressTokenEndpoints {
  const endpoints = createTokenEndpoints(tokens, options, ['onError']);
  const onError = readOnError(options.onError);
  return Object.assign(answering(endpoints.handle, onError, endpoints.refuse), {
    wellKnown: answering(endpoints.handleRoot, onError, endpoints.refuse),
    async login(req: Request, res: Response, grant: LoginGrant, loginOptions?: LoginOptions) {
      try {
        send(res, await endpoints.login(req, grant, loginOptions));
      } catch (error) {
        if (!isAuthError(error) || onError === 'next') throw error;
        send(res, tokenErrorResponse(error));
      }
    },
    send: (req: Request, res: Response, pair: TokenPair, loginOptions?: LoginOptions) =>
      send(res, endpoints.deliver(req, pair, loginOptions)),
  });
}
