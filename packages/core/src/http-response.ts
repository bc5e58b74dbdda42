// End of every journey over HTTP: an answer as plain values, for any framework to send.

import type { AuthError } from './errors.js';

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
  const { status, message, headers, code, action } = error;
  const members = { ...(error.error && { error: error.error }), error_description: message };
  return jsonResponse(status, { ...members, code, action }, headers);
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
export function emptyResponse(): HttpResponse {
  return { status: 204, headers: { 'Cache-Control': 'no-store' } };
}
