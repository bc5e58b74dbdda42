// auth-errors.d.ts
import type { ErrorRequestHandler } from 'express';
/**
 * Express error handler that answers tokenpair's own errors, thrown in a route, as `application/problem+json`. Every
 * other error goes on to the next handler. Mount it after the routes.
 */
export declare function authErrors(): ErrorRequestHandler;

// bearer.d.ts
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthenticationOptions, type ClaimValue, type ScopeList, type TokenVerifier, type VerifiedToken } from '@tokenpair/core';
import type { Request } from 'express';
import { type OnError } from './respond.js';
export interface BearerOptions extends AuthenticationOptions {
    /**
     * `'respond'` answers refusals as `application/problem+json`; `'next'` hands the typed error to the application's
     * error handler. @defaultValue `'respond'`
     */
    readonly onError?: OnError | undefined;
}
/** Middleware of every version of Express. It says nothing of `req.params`, so a route keeps the type of its own. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
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
export declare function bearer(verifier: TokenVerifier, options: BearerOptions & {
    readonly optional: true;
}): OptionalBearer;
export declare function bearer(verifier: TokenVerifier, options?: BearerOptions): Bearer;

// index.d.ts
export { bearer } from './bearer.js';
export type { Bearer, BearerOptions, Middleware, OptionalBearer } from './bearer.js';
export { tokenEndpoints } from './token-endpoints.js';
export type { ExpressTokenEndpointOptions, ExpressTokenEndpoints } from './token-endpoints.js';
export { authErrors } from './auth-errors.js';
export type { OnError } from './respond.js';

// respond.d.ts
import type { ServerResponse } from 'node:http';
import { type AuthError, type HttpResponse } from '@tokenpair/core';
/** Who answers a refusal: we do, or the application's own error handler, which gets the typed error. */
export type OnError = 'respond' | 'next';
/** Sends an answer of core as it is. Headers that are set already stay. */
export declare function send(res: ServerResponse, { status, headers, body }: HttpResponse): void;
/** Answers a refusal of ours, or hands it on; whatever else went wrong is the application's. */
export declare function refuse(error: unknown, res: ServerResponse, next: (error?: unknown) => void, onError: OnError, toResponse: (error: AuthError) => HttpResponse): void;

// token-endpoints.d.ts
import { type TokenEndpointOptions, type TokenIssuer, type TokenPair } from '@tokenpair/core';
import type { Request, RequestHandler, Response } from 'express';
import { type OnError } from './respond.js';
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
export declare function tokenEndpoints(tokens: TokenIssuer, options?: ExpressTokenEndpointOptions): ExpressTokenEndpoints;
