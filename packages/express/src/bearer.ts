// The guard journey in Express: bearer and the guards of single routes.

import type { IncomingMessage, ServerResponse } from 'node:http';

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
import type { Request } from 'express';

import { readOnError, refuse, type OnError } from './respond.js';

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

/** Middleware that authenticates, and the guards of single routes. Each guard authenticates by itself if need be. */
export interface Bearer<Token = VerifiedToken> extends Middleware {
  /** Requires all of the scopes. 403 `scope_insufficient` */
  scopes(...scopes: ScopeList): Middleware;
  /** Requires one of the scopes. 403 `scope_insufficient` */
  anyScope(...scopes: ScopeList): Middleware;
  /** Requires a claim to be one of the values, or to be an array that holds one. 403 `claim_refused` */
  claim(name: string, ...values: readonly ClaimValue[]): Middleware;
  /** Requires an own predicate, which may be async, to answer `true`. 403 `claim_refused`; 503 when it throws */
  check(predicate: (token: VerifiedToken, req: Request) => boolean | Promise<boolean>): Middleware;
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
  const { onError: given, ...authentication } = options;
  const onError = readOnError(given);
  const authenticator = createRequestAuthenticator(verifier, authentication);

  function middleware(name: string, admit: (req: Request) => Promise<void>): Middleware {
    const handler: Middleware = (req, res, next) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Express calls middleware with its own request
      admit(req as Request).then(
        () => next(),
        (error: unknown) => refuse(error, res, next, onError, problemResponse),
      );
    };
    return Object.defineProperty(handler, 'name', { value: name });
  }

  function guarded(guard: Guard<Request>): Middleware {
    return middleware('bearerGuard', (req) => authenticator.guard(req, guard, req));
  }

  return Object.assign(
    middleware('bearer', (req) => authenticator.authenticate(req)),
    {
      scopes: (...scopes: ScopeList) => guarded(guardScopes(...scopes)),
      anyScope: (...scopes: ScopeList) => guarded(guardAnyScope(...scopes)),
      claim: (name: string, ...values: readonly ClaimValue[]) =>
        guarded(guardClaim(name, ...values)),
      check: (predicate: Parameters<Bearer['check']>[0]) =>
        guarded(guardCheck(verifier, predicate)),
      of: (req: IncomingMessage) => {
        const token = authenticator.tokenOf(req);
        if (token === undefined && options.optional !== true) {
          throw new Error('bearer has not verified this request: put it in front of this handler');
        }
        return token;
      },
    },
  );
}
