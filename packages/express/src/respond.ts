// Sends the answers and errors of core on a response of Express. RFC 9457, RFC 6749 §5.2

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

import { isAuthError, type AuthError } from '@tokenpair/core';
import { type EndpointRequest, type HttpResponse } from '@tokenpair/core/adapter';
import type { RequestHandler } from 'express';

/** `'respond'`: the middleware answers an error. `'next'`: the application's error handler gets the typed error. */
export type OnError = 'respond' | 'next';

type Next = (error?: unknown) => void;

/** Checks the option `onError`. */
export function readOnError(onError: unknown = 'respond'): OnError {
  if (onError === 'respond' || onError === 'next') return onError;
  throw new TypeError(`onError must be 'respond' or 'next'`);
}

/**
 * Sends an answer of core. Headers and cookies that were set before remain. Sends nothing when the response has been sent
 * meanwhile, by a timeout for example.
 *
 * @throws every error of the response, which another middleware may have wrapped. Our headers are then removed.
 */
export function send(res: ServerResponse, response: HttpResponse): void {
  if (res.headersSent) return;
  const { statusCode } = res;
  // In the middleware of a WebSocket server the response may be a plain object.
  const before = typeof res.getHeaders === 'function' ? copyHeaders(res) : undefined;
  try {
    write(res, response);
  } catch (error) {
    if (before !== undefined && !res.headersSent) {
      res.statusCode = statusCode;
      restoreHeaders(res, response, before);
    }
    throw error;
  }
}

function write(res: ServerResponse, { status, headers, body }: HttpResponse): void {
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'Set-Cookie') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  res.statusCode = status;
  res.end(body);
}

// `appendHeader` changes the array that `getHeaders` returned.
function copyHeaders(res: ServerResponse): OutgoingHttpHeaders {
  const headers = res.getHeaders();
  const cookies = headers['set-cookie'];
  return Array.isArray(cookies) ? { ...headers, 'set-cookie': [...cookies] } : headers;
}

// The answer that is sent instead must not contain our challenge or our cookie.
function restoreHeaders(
  res: ServerResponse,
  { headers }: HttpResponse,
  before: OutgoingHttpHeaders,
): void {
  for (const name of Object.keys(headers)) {
    const value = before[name.toLowerCase()];
    if (value === undefined) res.removeHeader(name);
    else res.setHeader(name, value);
  }
}

/**
 * Answers an error of tokenpair, or passes it to `next`, as `onError` says. Passes every other error to `next`; also when
 * the response cannot be written, as in the middleware of a WebSocket server.
 */
export function handleError(
  error: unknown,
  res: ServerResponse,
  next: Next,
  onError: OnError,
  toResponse: (error: AuthError) => HttpResponse,
): void {
  const canAnswer = typeof res.end === 'function' && !res.headersSent;
  if (isAuthError(error) && onError === 'respond' && canAnswer) {
    answer(res, next, () => toResponse(error));
  } else next(error);
}

/** Sends an answer, or passes the error of writing it to `next`. */
function answer(res: ServerResponse, next: Next, toResponse: () => HttpResponse): void {
  try {
    send(res, toResponse());
  } catch (error) {
    next(error);
  }
}

/**
 * Waits for a promise, then calls one of two callbacks. Each callback calls `next` at most once. An error that `next` throws
 * does not reach the other callback: `next` would be called twice.
 */
export function settle<T>(
  res: ServerResponse,
  pending: Promise<T>,
  onValue: (value: T) => void,
  onFailure: (error: unknown) => void,
): void {
  pending.then(onValue, onFailure).catch((error: unknown) => closeResponse(res, error));
}

// `next` throws when the last error handler throws, or when it is not the `next` of Express. No handler remains that could
// answer, and an unhandled rejection would end the process.
function closeResponse(res: ServerResponse, error: unknown): void {
  if (typeof res.destroy === 'function' && !res.writableEnded) res.destroy();
  process.emitWarning(
    'next() threw an error, so the request was closed. Catch the error in the handler that comes next.',
    {
      type: 'TokenpairWarning',
      code: 'TOKENPAIR_NEXT_THREW',
      detail: String(error instanceof Error ? error.stack : error),
    },
  );
}

/** Makes middleware from an endpoint of core: sends its answer, and passes requests for other paths on. */
export function answering(
  handle: (request: EndpointRequest) => Promise<HttpResponse | undefined>,
  onError: OnError,
  toResponse: (request: EndpointRequest, error: AuthError) => HttpResponse,
): RequestHandler {
  return function answerEndpoint(req, res, next) {
    const body: unknown = req.body;
    const request = { request: req, path: req.path, body };
    settle(
      res,
      handle(request),
      (response) => (response ? answer(res, next, () => response) : next()),
      (error) =>
        handleError(error, res, next, onError, (authError) => toResponse(request, authError)),
    );
  };
}
