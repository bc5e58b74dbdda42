// Express middleware that verifies bearer tokens, with guards for single routes. RFC 6750

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

import { handleError, readOnError, settle, type OnError } from './respond.js';

export interface BearerOptions extends AuthenticationOptions {
  /**
   * `'respond'` answers errors as `application/problem+json`; `'next'` passes the typed error to the application's error
   * handler. @defaultValue `'respond'`
   */
  readonly onError?: OnError | undefined;
}

/** Middleware for every version of Express. It does not mention `req.params`, so a route keeps its own type of them. */
export type Middleware = (
  req: IncomingMessage,
  res: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Middleware that verifies requests, with guards for single routes. */
export interface Bearer<Token = VerifiedToken>
  extends Middleware, RouteGuards<Middleware, Request, NonNullable<Token>> {
  /** The verified token of a request. @throws Error no `bearer` of this verifier has verified the request. */
  of(req: IncomingMessage): Token;
}

/** With `optional`, a request may have no token. */
export type OptionalBearer<Claims = unknown> = Bearer<VerifiedToken<Claims> | undefined>;

/**
 * Creates Express middleware that verifies the bearer token of every request that reaches it.
 *
 * Use it with `app.use`, on a router or on a single route. {@link verifyBearer} lists what is checked. Several `bearer`s of
 * one verifier verify a request once, and each of them has its token in `of`.
 *
 * @param verifier - made by `createTokenVerifier`, or the `verifier` of an issuer.
 * @throws TypeError `verifier` is something else, or an option is wrong; the message says what to pass.
 *
 * @example
 * const auth = bearer(tokens.verifier);
 * app.get('/me', auth, (req, res) => res.json({ id: auth.of(req).subject }));
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

  function middleware(check: (req: Request) => Promise<void> | undefined): Middleware {
    return function bearerMiddleware(req, res, next) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Express calls middleware with its own request
      const pending = check(req as Request);
      if (pending === undefined) {
        next();
        return;
      }
      settle(
        res,
        pending,
        () => next(),
        (error) => handleError(error, res, next, onError, problemResponse),
      );
    };
  }

  return Object.assign(
    middleware((req) => authenticator.authenticate(req)),
    createRouteGuards<Middleware, Request>(verifier, (guard) =>
      middleware((req) => authenticator.guard(req, guard, req)),
    ),
    { of: (req: IncomingMessage) => authenticator.requireToken(req) },
  );
}
