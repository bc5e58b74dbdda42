// Writes errors as HTTP answers: problem details for guards, OAuth JSON for token endpoints. RFC 9457, RFC 6749 §5.2

import { jsonResponse, type HttpResponse } from '../lib/http-response.js';
import type { AuthError } from './auth-error.js';
import { errorTable, type ErrorRow } from './error-table.js';

/**
 * The answer of a guard: `application/problem+json`, with the members `error`, `code`, `action` and, beside `Retry-After`,
 * `retry_after` in addition to the standard ones. Every text in it comes from the error table. RFC 9457 §3
 */
export function problemResponse(error: AuthError): HttpResponse {
  const { status, message, headers, code, action } = error;
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
    body: JSON.stringify({
      status,
      title: message,
      error: error.error,
      code,
      action,
      ...retryAfterOf(error),
    }),
  };
}

/** The answer of a token endpoint: JSON as in RFC 6749 §5.2, with the additional members `code`, `action` and `retry_after`. */
export function tokenErrorResponse(error: AuthError): HttpResponse {
  const { status, error: name, message, headers } = error;
  return errorJson(error, { status, error: name, text: message }, headers);
}

/** The answer of `/token` and `/revoke`: the same JSON, with the status and the error code that OAuth requires. RFC 6749 §5.2 */
export function oauthErrorResponse(error: AuthError): HttpResponse {
  const row: ErrorRow = errorTable[error.code];
  const status = row.oauthStatus ?? error.status;
  const { 'WWW-Authenticate': _challenge, ...others } = error.headers;
  const headers = status === 401 ? error.headers : others;
  const text = row.oauthDescription ?? error.message;
  return errorJson(error, { status, error: row.oauthError ?? error.error, text }, headers);
}

function errorJson(
  authError: AuthError,
  { status, error, text }: { status: number; error: string | undefined; text: string },
  headers: HttpResponse['headers'],
): HttpResponse {
  const { code, action } = authError;
  const members = { error, error_description: text, code, action, ...retryAfterOf(authError) };
  return jsonResponse(status, members, headers);
}

// A page of another origin can read the body, and the header only if CORS exposes it.
function retryAfterOf({ headers }: AuthError): { readonly retry_after?: number } {
  const seconds = String(headers['Retry-After'] ?? '');
  return /^\d+$/.test(seconds) ? { retry_after: Number(seconds) } : {};
}
