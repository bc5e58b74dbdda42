// The last step of every request that we answer ourselves.

import type { ServerResponse } from 'node:http';

import { isAuthError, type AuthError, type HttpResponse } from '@tokenpair/core';

/** Who answers a refusal: we do, or the application's own error handler, which gets the typed error. */
export type OnError = 'respond' | 'next';

/** Sends an answer of core as it is. Headers that are set already stay. */
export function send(res: ServerResponse, { status, headers, body }: HttpResponse): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    res.setHeader(name, typeof value === 'string' ? value : [...value]);
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
