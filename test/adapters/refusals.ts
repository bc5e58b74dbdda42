// What every refusal looks like on the wire, written down from the design and not from the code.

import type { AuthErrorCode } from '@tokenpair/core';

interface ExpectedRefusal {
  readonly status: number;
  readonly error?: string;
  readonly action: 'refresh' | 'login' | 'reauthenticate' | 'retry' | 'fix';
  /** `bare` names the realm only, `full` says what was wrong too; `basic` asks a client for its own credentials. */
  readonly challenge?: 'bare' | 'full' | 'basic';
  readonly retryAfter?: true;
  /** What differs in the OAuth dialect, which challenges for no bearer token. RFC 6749 §5.2 */
  readonly oauth?: { readonly status: number; readonly error?: string };
}

const invalidToken = { status: 401, error: 'invalid_token', challenge: 'full' } as const;
const invalidGrant = {
  status: 401,
  error: 'invalid_grant',
  action: 'login',
  challenge: 'bare',
  oauth: { status: 400 },
} as const;
const insufficient = {
  status: 403,
  error: 'insufficient_scope',
  action: 'fix',
  challenge: 'full',
} as const;
const unavailable = {
  status: 503,
  error: 'temporarily_unavailable',
  action: 'retry',
  retryAfter: true,
} as const;

export const expectedRefusals: Readonly<Record<AuthErrorCode, ExpectedRefusal>> = {
  token_missing: { status: 401, action: 'login', challenge: 'bare' },
  request_malformed: { status: 400, error: 'invalid_request', action: 'fix', challenge: 'full' },
  refresh_token_misplaced: { status: 400, error: 'invalid_request', action: 'fix' },
  token_expired: { ...invalidToken, action: 'refresh' },
  token_not_active: { ...invalidToken, action: 'retry', retryAfter: true },
  token_invalid: { ...invalidToken, action: 'login' },
  token_key_unknown: { ...invalidToken, action: 'refresh' },
  token_too_long: { ...invalidToken, action: 'fix' },
  claims_stale: { ...invalidToken, action: 'refresh' },
  session_revoked: { ...invalidToken, action: 'login' },
  authentication_insufficient: {
    status: 401,
    error: 'insufficient_user_authentication',
    action: 'reauthenticate',
    challenge: 'full',
  },
  scope_insufficient: insufficient,
  claim_refused: insufficient,
  refresh_token_missing: { ...invalidGrant, oauth: { status: 400, error: 'invalid_request' } },
  refresh_token_invalid: invalidGrant,
  token_pair_mismatch: invalidGrant,
  scope_not_granted: { status: 400, error: 'invalid_scope', action: 'fix' },
  access_denied: { status: 403, error: 'access_denied', action: 'fix' },
  origin_refused: { status: 403, error: 'invalid_request', action: 'fix' },
  client_invalid: { status: 401, error: 'invalid_client', action: 'fix', challenge: 'basic' },
  grant_type_unsupported: { status: 400, error: 'unsupported_grant_type', action: 'fix' },
  method_not_allowed: { status: 405, error: 'invalid_request', action: 'fix' },
  request_timeout: { status: 408, error: 'invalid_request', action: 'retry', retryAfter: true },
  request_too_large: { status: 413, error: 'invalid_request', action: 'fix' },
  media_type_unsupported: { status: 415, error: 'invalid_request', action: 'fix' },
  token_too_large: { status: 500, error: 'server_error', action: 'fix' },
  temporarily_unavailable: unavailable,
  refresh_pending: unavailable,
  store_full: unavailable,
  session_limit: { status: 403, error: 'access_denied', action: 'fix' },
};
