// End of every journey over HTTP: an answer as plain values, for any framework to send.

import type { AuthError } from './errors.js';
import { errorTable, type ErrorRow } from './error-table.js';

/** An HTTP response as plain values. Adapters send it as it is. */
export interface HttpResponse {
  readonly status: number;
  /** Names in the usual case; a value that is an array is one header line each. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** JSON text; absent when there is no body. */
  readonly body?: string;
}

/**
 * A guard's refusal as `application/problem+json`, with `error`, `code` and `action` beside the standard members.
 * Every text in it is from our own table. RFC 9457 §3
 */
export function problemResponse(error: AuthError): HttpResponse {
  const { status, message, headers, code, action } = error;
  const problem = {
    status,
    title: message,
    ...(error.error && { error: error.error }),
    code,
    action,
  };
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
    body: JSON.stringify(problem),
  };
}

/** A token endpoint's refusal: RFC 6749 §5.2 JSON with `code` and `action` beside `error`. */
export function tokenErrorResponse(error: AuthError): HttpResponse {
  return refusalJson(error, error.status, error.error, error.headers);
}

/** The same in the OAuth dialect, which has a status, and now and then a word, of its own. RFC 6749 §5.2 */
export function oauthErrorResponse(error: AuthError): HttpResponse {
  const refusal: ErrorRow = errorTable[error.code];
  const status = refusal.oauthStatus ?? error.status;
  const { 'WWW-Authenticate': challenge, ...others } = error.headers;
  const headers =
    status === 401 && challenge ? { ...others, 'WWW-Authenticate': challenge } : others;
  return refusalJson(error, status, refusal.oauthError ?? error.error, headers);
}

function refusalJson(
  { message, code, action }: AuthError,
  status: number,
  word: string | undefined,
  headers: HttpResponse['headers'],
): HttpResponse {
  const members = { ...(word && { error: word }), error_description: message, code, action };
  return jsonResponse(status, members, headers);
}

/** JSON that no cache may keep. */
export function jsonResponse(
  status: number,
  value: object,
  headers: HttpResponse['headers'] = {},
): HttpResponse {
  return {
    status,
    headers: { 'Cache-Control': 'no-store', ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(value),
  };
}

/** Done, and there is nothing to say. */
export function emptyResponse(headers: HttpResponse['headers'] = {}): HttpResponse {
  return { status: 204, headers: { 'Cache-Control': 'no-store', ...headers } };
}
