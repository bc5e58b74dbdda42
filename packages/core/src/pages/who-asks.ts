// Who sent a request: a person who sees the answer as a page, or a program; and whether its cookies count. Fetch Metadata

import type { IncomingMessage } from 'node:http';

import { canHaveEffect, isAllowedOrigin } from '../verify/origin.js';

/** Whether the answer is shown as a page. Without Fetch Metadata, `Accept` says so. */
export function isPerson({ headers }: IncomingMessage): boolean {
  const destination = headers['sec-fetch-dest'];
  if (destination === undefined) return /\btext\/html\b/i.test(headers.accept ?? '');
  return destination === 'document' || destination === 'iframe';
}

/** Whether a request can change something: every method but `GET` and `HEAD`, and the handshake of a WebSocket. */
export function isUnsafe(request: IncomingMessage): boolean {
  return isForm(request) || canHaveEffect(request);
}

/** Whether a request has a method that changes something, as a form with `POST`. */
export function isForm({ method }: IncomingMessage): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/**
 * Whether the cookies of a safe request count: for a navigation, for a request of the own origin, and for one of an allowed origin. A
 * page of another origin must not read on behalf of the user.
 *
 * Old browsers send neither header with a safe request; `SameSite=Lax` protects it.
 */
export function mayRead(request: IncomingMessage, allowed: ReadonlySet<string>): boolean {
  const { origin, 'sec-fetch-mode': mode, 'sec-fetch-site': site } = request.headers;
  if (mode === 'navigate' || isAllowedOrigin(request, allowed)) return true;
  return origin === undefined && mode === undefined && site === undefined;
}
