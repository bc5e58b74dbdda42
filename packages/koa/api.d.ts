// auth-errors.d.ts
import type Koa from 'koa';
/**
 * Koa middleware that answers tokenpair's own errors, thrown behind it, as `application/problem+json`. Every other error
 * goes on as it was. Use it before the routes.
 *
 * @throws TypeError it was given an option, of which it has none, or was passed to `app.use` without being called.
 */
export declare function authErrors(options?: Readonly<Record<string, never>>): Koa.Middleware;

// bearer.d.ts
import { type AuthenticationOptions, type RouteGuards, type TokenVerifier, type VerifiedToken } from '@tokenpair/core';
import type Koa from 'koa';
import { type Context, type OnError } from './respond.js';
export interface BearerOptions extends AuthenticationOptions {
    /**
     * `'respond'` answers refusals as `application/problem+json`, and headers that are set already stay; `'throw'`
     * throws the typed error. @defaultValue `'respond'`
     */
    readonly onError?: OnError | undefined;
}
/** The state behind `bearer`: `new Koa<AuthState>()`. With `optional`, `AuthState<VerifiedToken | undefined>`. */
export interface AuthState<Token = VerifiedToken> {
    auth: Token;
}
/** Middleware that authenticates, and the guards of single routes. */
export interface Bearer<Token = VerifiedToken> extends Koa.Middleware, RouteGuards<Koa.Middleware, Context> {
    /** The verified token of a request, as in `ctx.state.auth`. @throws Error the request has not come through here. */
    of(ctx: Pick<Context, 'req'>): Token;
}
/** With `optional`, a request may have no token. */
export type OptionalBearer = Bearer<VerifiedToken | undefined>;
/**
 * Koa middleware that verifies the bearer token of every request that reaches it, and leaves it in `ctx.state.auth`.
 *
 * Use it with `app.use`, on a router or on a single route. See {@link verifyBearer} for what is checked. What is thrown
 * behind it is not touched.
 *
 * @throws TypeError naming the option that is wrong.
 */
export declare function bearer(verifier: TokenVerifier, options: BearerOptions & {
    readonly optional: true;
}): OptionalBearer;
export declare function bearer(verifier: TokenVerifier, options?: BearerOptions): Bearer;

// index.d.ts
export { bearer } from './bearer.js';
export type { AuthState, Bearer, BearerOptions, OptionalBearer } from './bearer.js';
export { tokenEndpoints } from './token-endpoints.js';
export type { KoaTokenEndpointOptions, KoaTokenEndpoints } from './token-endpoints.js';
export { protectedResource } from './protected-resource.js';
export { authErrors } from './auth-errors.js';
export type { Context, OnError } from './respond.js';

// protected-resource.d.ts
import { type ProtectedResourceOptions } from '@tokenpair/core';
import type Koa from 'koa';
/**
 * The RFC 9728 document of a resource, at its place at the root of the host. Give its URL to the verifier as
 * `resourceMetadata`, and every challenge points to it.
 *
 * @throws TypeError naming the option that is wrong.
 */
export declare function protectedResource(options: ProtectedResourceOptions): Koa.Middleware;

// respond.d.ts
import { type AuthError, type EndpointRequest, type HttpResponse } from '@tokenpair/core';
import type Koa from 'koa';
/** Who answers a refusal: we do, or whoever catches the typed error. */
export type OnError = 'respond' | 'throw';
/** Checks the option `onError`. */
export declare function readOnError(onError?: unknown): OnError;
/** What we use of a context, so that every application's own type of it will do. */
export type Context = Koa.ParameterizedContext;
/** Sends an answer of core as it is. Headers that are set already stay, and so do other cookies. */
export declare function send(ctx: Context, { status, headers, body }: HttpResponse): void;
/** Answers a refusal of ours, or throws it; whatever else went wrong is the application's. */
export declare function refuse(error: unknown, ctx: Context, onError: OnError, toResponse: (error: AuthError) => HttpResponse): void;
/** Middleware over an endpoint of core: what it answers is sent, what it does not know is passed on. */
export declare function answering(handle: (request: EndpointRequest) => Promise<HttpResponse | undefined>, { mount, onError }: {
    readonly mount: string;
    readonly onError: OnError;
}, toResponse: (request: EndpointRequest, error: AuthError) => HttpResponse): Koa.Middleware;

// token-endpoints.d.ts
import { type TokenEndpointOptions, type TokenIssuer, type TokenPair } from '@tokenpair/core';
import type Koa from 'koa';
import { type Context, type OnError } from './respond.js';
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
export declare function tokenEndpoints(tokens: TokenIssuer, options?: KoaTokenEndpointOptions): KoaTokenEndpoints;
