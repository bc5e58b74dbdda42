// The last step of every request that we answer ourselves.

import type { ServerResponse } from 'node:http';

import {
  isAuthError,
  type AuthError,
  type EndpointRequest,
  type HttpResponse,
} from '@tokenpair/core';
import type { RequestHandler } from 'express';

/** Who answers a refusal: we do, or the application's own error handler, which gets the typed error. */
export type OnError = 'respond' | 'next';

/** Checks the option `onError`. */
export function readOnError(onError: unknown = 'respond'): OnError {
  if (onError === 'respond' || onError === 'next') return onError;
  throw new TypeError(`onError must be 'respond' or 'next'`);
}

/** Sends an answer of core as it is. Headers that are set already stay, and so do other cookies. */
export function send(res: ServerResponse, { status, headers, body }: HttpResponse): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'Set-Cookie') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  res.end(body);
}

/** Answers a refusal of ours, or hands it on; whatever else went wrong is the application's. */
export function refuse(
  error: unknown,
  res: ServerResponse,
  next: (error?: unknown) => void,
  onError: OnError,
  toResponse: (error: AuthError) => HttpResponse,
): void {
  if (!isAuthError(error) || onError === 'next' || res.headersSent) next(error);
  else send(res, toResponse(error));
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
    handle(request).then(
      (response) => (response ? send(res, response) : next()),
      (error: unknown) =>
        refuse(error, res, next, onError, (refusal) => toResponse(request, refusal)),
    );
  };
}
