// Sends the answers and errors of core on a context of Koa. RFC 9457, RFC 6749 §5.2

import type { OutgoingHttpHeaders } from 'node:http';

import { isAuthError, type AuthError } from '@tokenpair/core';
import { type EndpointRequest, type HttpResponse } from '@tokenpair/core/adapter';
import type Koa from 'koa';

/** `'respond'`: the middleware answers an error. `'throw'`: it throws the typed error. */
export type OnError = 'respond' | 'throw';

/** Checks the option `onError`. */
export function readOnError(onError: unknown = 'respond'): OnError {
  if (onError === 'respond' || onError === 'throw') return onError;
  throw new TypeError(`onError must be 'respond' or 'throw'`);
}

/** The members of a context that are used, so that the context type of every application fits. */
export type Context = Koa.ParameterizedContext;

/**
 * Sends an answer of core. Headers and cookies that were set before remain. Sends nothing when the response has been sent
 * meanwhile.
 *
 * @throws every error of the response, which another middleware may have wrapped. Our headers are then removed.
 */
export function send(ctx: Context, { status, headers, body }: HttpResponse): void {
  if (ctx.headerSent) return;
  const before = { ...ctx.response.headers };
  try {
    for (const [name, value] of Object.entries(headers)) {
      const values = typeof value === 'string' ? value : [...value];
      if (name === 'Set-Cookie') ctx.append(name, values);
      else ctx.set(name, values);
    }
  } catch (error) {
    restoreHeaders(ctx, headers, before);
    throw error;
  }
  ctx.status = status;
  ctx.body = body ?? null;
  // Koa guesses a type for the body. Core names every type that it wants to send.
  if (headers['Content-Type'] === undefined) ctx.remove('Content-Type');
}

// The answer that is sent instead must not contain our challenge or our cookie.
function restoreHeaders(
  ctx: Context,
  headers: HttpResponse['headers'],
  before: OutgoingHttpHeaders,
): void {
  for (const name of Object.keys(headers)) {
    const value = before[name.toLowerCase()];
    if (value === undefined) ctx.remove(name);
    else ctx.set(name, Array.isArray(value) ? value : String(value));
  }
}

/**
 * Answers an error of tokenpair, or throws it, as `onError` says. Throws every other error again.
 *
 * Closes a socket of koa-websocket: its context has no response, and the client would wait for ever.
 */
export function handleError(
  error: unknown,
  ctx: Context,
  onError: OnError,
  toResponse: (error: AuthError) => HttpResponse,
): void {
  if (!isAuthError(error) || onError === 'throw') throw error;
  const socket: unknown = Reflect.get(ctx, 'websocket');
  if (isSocket(socket)) {
    socket.close(error.status === 503 ? tryAgainLater : policyViolation, error.code);
    return;
  }
  if (ctx.headerSent) throw error;
  send(ctx, toResponse(error));
}

// RFC 6455 §7.4.1, and the IANA registry of close codes.
const policyViolation = 1008;
const tryAgainLater = 1013;

function isSocket(value: unknown): value is { close(code: number, reason: string): void } {
  return typeof value === 'object' && value !== null && 'close' in value;
}

/** Makes middleware from an endpoint of core: sends its answer, and passes requests for other paths on. */
export function answering(
  handle: (request: EndpointRequest) => Promise<HttpResponse | undefined>,
  { mount, onError }: { readonly mount: string; readonly onError: OnError },
  toResponse: (request: EndpointRequest, error: AuthError) => HttpResponse,
): Koa.Middleware {
  return async function answerEndpoint(ctx, next) {
    if (!ctx.path.startsWith(`${mount}/`)) return next();
    const body: unknown = Reflect.get(ctx.request, 'body');
    const request = { request: ctx.req, path: ctx.path.slice(mount.length), body };
    let response: HttpResponse | undefined;
    try {
      response = await handle(request);
    } catch (error) {
      return handleError(error, ctx, onError, (authError) => toResponse(request, authError));
    }
    return response ? send(ctx, response) : next();
  };
}
