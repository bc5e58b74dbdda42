// The guard journey in Express: bearer and the guards of single routes.

import type { IncomingMessage, ServerResponse } from 'node:http';

import { type TokenVerifier, type VerifiedToken } from '@tokenpair/core';
import {
  createRequestAuthenticator,
  createRouteGuards,
  problemResponse,
  type AuthenticationOptions,
  type RouteGuards,
} from '@tokenpair/core/adapter';
import type { Request } from 'express';

import { readOnError, refuse, settle, type OnError } from './respond.js';

export interface BearerOptions extends AuthenticationOptions {
  /**
   * `'respond'` answers refusals as `application/problem+json`; `'next'` hands the typed error to the application's
   * error handler. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}

/** Middleware of every version of Express. It says nothing of `req.params`, so a route keeps the type of its own. */
export type Middleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Middleware that authenticates, and the guards of single routes. */
export interface Bearer<Token = VerifiedToken>
  extends Middleware, RouteGuards<Middleware, Request> {
  /** The verified token of a request. @throws Error the request has not come through here. */
  of(req: IncomingMessage): Token;
}

/** With `optional`, a request may have no token. */
export type OptionalBearer = Bearer<VerifiedToken | undefined>;

/**
 * Express middleware that verifies the bearer token of every request that reaches it.
 *
 * Use it with `app.use`, on a router or on a single route. See {@link verifyBearer} for what is checked.
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
    admit: (req: Request) => Promise<void> | undefined,
  ): Middleware {
    const handler: Middleware = (req, res, next) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Express calls middleware with its own request
      const pending = admit(req as Request);
      if (pending === undefined) {
        next();
        return;
      }
      settle(
        res,
        pending,
        () => next(),
        (error) => refuse(error, res, next, onError, problemResponse),
      );
    };
    return Object.defineProperty(handler, 'name', { value: name });
  }

  return Object.assign(
    middleware('bearer', (req) => authenticator.authenticate(req)),
    createRouteGuards<Middleware, Request>(verifier, (guard) =>
      middleware('bearerGuard', (req) => authenticator.guard(req, guard, req)),
    ),
    { of: (req: IncomingMessage) => authenticator.requireToken(req) },
  );
}
