// The last step of every request that we answer ourselves.

import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

import { isAuthError, type AuthError } from '@tokenpair/core';
import { type EndpointRequest, type HttpResponse } from '@tokenpair/core/adapter';
import type { RequestHandler } from 'express';

/** Who answers a refusal: we do, or the application's own error handler, which gets the typed error. */
export type OnError = 'respond' | 'next';

type Next = (error?: unknown) => void;

/** Checks the option `onError`. */
export function readOnError(onError: unknown = 'respond'): OnError {
  if (onError === 'respond' || onError === 'next') return onError;
  throw new TypeError(`onError must be 'respond' or 'next'`);
}

/**
 * Sends an answer of core as it is. Headers that are set already stay, and so do other cookies. Where something else
 * has answered meanwhile, a timeout for example, nothing is sent.
 *
 * @throws what the response throws, which another middleware may have wrapped; the answer is then taken back.
 */
export function send(res: ServerResponse, response: HttpResponse): void {
  if (res.headersSent) return;
  const { statusCode } = res;
  // A stand-in for a response may have less than Node's own.
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

// A header that is appended to changes the list that `getHeaders` answers.
function copyHeaders(res: ServerResponse): OutgoingHttpHeaders {
  const headers = res.getHeaders();
  const cookies = headers['set-cookie'];
  return Array.isArray(cookies) ? { ...headers, 'set-cookie': [...cookies] } : headers;
}

// What is answered instead must have neither our challenge nor our cookie.
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
 * Answers a refusal of ours, or hands it on; everything else that went wrong is the application's. Where there is
 * nothing to answer on, as in the middleware of a WebSocket server, the refusal is handed on.
 */
export function refuse(
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

/** Sends an answer, or hands on what failed while it was written. */
function answer(res: ServerResponse, next: Next, toResponse: () => HttpResponse): void {
  try {
    send(res, toResponse());
  } catch (error) {
    next(error);
  }
}

/**
 * Waits for what decides about a request, then goes on in one of two ways. Each calls `next` at most once, and what
 * `next` throws itself ends in neither of them: it would be called twice.
 */
export function settle<T>(
  res: ServerResponse,
  pending: Promise<T>,
  onValue: (value: T) => void,
  onRefusal: (error: unknown) => void,
): void {
  pending.then(onValue, onRefusal).catch((error: unknown) => giveUp(res, error));
}

// `next` throws when the last error handler fails too, or where it is not that of Express. Nothing is left that could answer,
// and a rejection that nothing handles would end the process.
function giveUp(res: ServerResponse, error: unknown): void {
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

/** Middleware over an endpoint of core: what it answers is sent, what it does not know is passed on. */
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
      (error) => refuse(error, res, next, onError, (refusal) => toResponse(request, refusal)),
    );
  };
}
