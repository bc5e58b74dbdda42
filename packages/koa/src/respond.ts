// The last step of every request that we answer ourselves.

import type { OutgoingHttpHeaders } from 'node:http';

import { isAuthError, type AuthError } from '@tokenpair/core';
import { type EndpointRequest, type HttpResponse } from '@tokenpair/core/adapter';
import type Koa from 'koa';

/** Who answers a refusal: we do, or whoever catches the typed error. */
export type OnError = 'respond' | 'throw';

/** Checks the option `onError`. */
export function readOnError(onError: unknown = 'respond'): OnError {
  if (onError === 'respond' || onError === 'throw') return onError;
  throw new TypeError(`onError must be 'respond' or 'throw'`);
}

/** What we use of a context, so that every application's own type of it will do. */
export type Context = Koa.ParameterizedContext;

/**
 * Sends an answer of core as it is. Headers that are set already stay, and so do other cookies. Where something else
 * has answered meanwhile, nothing is sent.
 *
 * @throws what the response throws, which another middleware may have wrapped; the answer is then taken back.
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
  // Koa's guess at the type of a body, where core names none.
  if (headers['Content-Type'] === undefined) ctx.remove('Content-Type');
}

// What is answered instead must have neither our challenge nor our cookie.
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

/** Answers a refusal of ours, or throws it; everything else that went wrong is the application's. */
export function refuse(
  error: unknown,
  ctx: Context,
  onError: OnError,
  toResponse: (error: AuthError) => HttpResponse,
): void {
  if (!isAuthError(error) || onError === 'throw' || ctx.headerSent) throw error;
  send(ctx, toResponse(error));
}

/** Middleware over an endpoint of core: what it answers is sent, what it does not know is passed on. */
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
      return refuse(error, ctx, onError, (refusal) => toResponse(request, refusal));
    }
    return response ? send(ctx, response) : next();
  };
}
