// auth-errors.d.ts
import type { ErrorRequestHandler } from 'express';
/**
 * Express error handler that answers tokenpair's own errors, thrown in a route, as `application/problem+json`. Every
 * other error goes on to the next handler. Mount it after the routes.
 *
 * @throws TypeError it was given an option, of which it has none, or was passed to `app.use` without being called.
 */
export declare function authErrors(options?: Readonly<Record<string, never>>): ErrorRequestHandler;

// bearer.d.ts
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AuthenticationOptions, type RouteGuards, type TokenVerifier, type VerifiedToken } from '@tokenpair/core';
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
/** Middleware that authenticates, and the guards of single routes. */
export interface Bearer<Token = VerifiedToken> extends Middleware, RouteGuards<Middleware, Request> {
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
export { protectedResource } from './protected-resource.js';
export { authErrors } from './auth-errors.js';
export type { OnError } from './respond.js';

// protected-resource.d.ts
import { type ProtectedResourceOptions } from '@tokenpair/core';
import type { RequestHandler } from 'express';
/**
 * The RFC 9728 document of a resource, at its place at the root of the host. Give its URL to the verifier as
 * `resourceMetadata`, and every challenge points to it.
 *
 * @throws TypeError naming the option that is wrong.
 */
export declare function protectedResource(options: ProtectedResourceOptions): RequestHandler;

// respond.d.ts
import type { ServerResponse } from 'node:http';
import { type AuthError, type EndpointRequest, type HttpResponse } from '@tokenpair/core';
import type { RequestHandler } from 'express';
/** Who answers a refusal: we do, or the application's own error handler, which gets the typed error. */
export type OnError = 'respond' | 'next';
/** Checks the option `onError`. */
export declare function readOnError(onError?: unknown): OnError;
/**
 * Sends an answer of core as it is. Headers that are set already stay, and so do other cookies. Where somebody else
 * has answered meanwhile, a timeout say, there is nothing left to say.
 */
export declare function send(res: ServerResponse, { status, headers, body }: HttpResponse): void;
/** Answers a refusal of ours, or hands it on; whatever else went wrong is the application's. */
export declare function refuse(error: unknown, res: ServerResponse, next: (error?: unknown) => void, onError: OnError, toResponse: (error: AuthError) => HttpResponse): void;
/** Middleware over an endpoint of core: what it answers is sent, what it does not know is passed on. */
export declare function answering(handle: (request: EndpointRequest) => Promise<HttpResponse | undefined>, onError: OnError, toResponse: (request: EndpointRequest, error: AuthError) => HttpResponse): RequestHandler;

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
export declare function tokenEndpoints(tokens: TokenIssuer, options?: ExpressTokenEndpointOptions): ExpressTokenEndpoints;
