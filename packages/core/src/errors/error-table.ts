// The one table of every refusal: the errors, the responses and docs/errors.md are made from it.

/** What a client does next: get a new access token, sign in again, wait and repeat, or change the request. */
export type AuthAction = 'refresh' | 'login' | 'retry' | 'fix';

/** One row of the table. */
export interface ErrorRow {
  readonly status: number;
  /** The word on the wire: coarse, from RFC 6750 §3.1 and RFC 6749 §5.2. */
  readonly error?: string;
  readonly action: AuthAction;
  /** The only text of ours that reaches a client. ASCII, without quotes. */
  readonly description: string;
  /** Whether the answer carries a `WWW-Authenticate` challenge, and whether that names the error. */
  readonly challenge?: 'bare' | 'full';
  /** Status in the OAuth form dialect, where that differs. RFC 6749 §5.2 */
  readonly oauthStatus?: number;
  /** Error word in the OAuth form dialect, where that differs. */
  readonly oauthError?: string;
  /** Seconds for `Retry-After`. */
  readonly retryAfter?: number;
}

/** Every refusal there is, by `code`. The union {@link AuthErrorCode}, the responses and docs/errors.md follow it. */
export const errorTable = {
  token_missing: {
    status: 401,
    action: 'login',
    description: 'No bearer access token was sent.',
    challenge: 'bare',
  },
  request_malformed: {
    status: 400,
    error: 'invalid_request',
    action: 'fix',
    description: 'The request is malformed, or carries a credential more than once.',
    challenge: 'full',
  },
  token_expired: {
    status: 401,
    error: 'invalid_token',
    action: 'refresh',
    description: 'The access token has expired.',
    challenge: 'full',
  },
  token_not_active: {
    status: 401,
    error: 'invalid_token',
    action: 'retry',
    description: 'The access token is not active yet.',
    challenge: 'full',
  },
  token_invalid: {
    status: 401,
    error: 'invalid_token',
    action: 'login',
    description: 'The access token is not valid here.',
    challenge: 'full',
  },
  token_key_unknown: {
    status: 401,
    error: 'invalid_token',
    action: 'refresh',
    description: 'The key of the access token is not known here.',
    challenge: 'full',
  },
  session_revoked: {
    status: 401,
    error: 'invalid_token',
    action: 'login',
    description: 'The session of this access token has ended.',
    challenge: 'full',
  },
  scope_insufficient: {
    status: 403,
    error: 'insufficient_scope',
    action: 'fix',
    description: 'The access token lacks a scope that this request needs.',
    challenge: 'full',
  },
  claim_refused: {
    status: 403,
    error: 'insufficient_scope',
    action: 'fix',
    description: 'The access token does not carry what this request needs.',
    challenge: 'full',
  },
  refresh_token_missing: {
    status: 401,
    error: 'invalid_grant',
    action: 'login',
    description: 'No refresh token was sent.',
    challenge: 'bare',
    oauthStatus: 400,
    oauthError: 'invalid_request',
  },
  refresh_token_invalid: {
    status: 401,
    error: 'invalid_grant',
    action: 'login',
    description: 'The refresh token is not valid.',
    challenge: 'bare',
    oauthStatus: 400,
  },
  refresh_pending: {
    status: 503,
    error: 'temporarily_unavailable',
    action: 'retry',
    description: 'The refresh token was used a moment ago. Repeat the request later.',
    // The settle time of the default reuse interval; the error itself says how long it is.
    retryAfter: 60,
  },
  token_pair_mismatch: {
    status: 401,
    error: 'invalid_grant',
    action: 'login',
    description: 'The access token does not belong to the refresh token.',
    challenge: 'bare',
    oauthStatus: 400,
  },
  scope_not_granted: {
    status: 400,
    error: 'invalid_scope',
    action: 'fix',
    description: 'The scope asked for exceeds the scope that was granted.',
  },
  access_denied: {
    status: 403,
    error: 'access_denied',
    action: 'fix',
    description: 'This account may not sign in.',
  },
  origin_refused: {
    status: 403,
    error: 'invalid_request',
    action: 'fix',
    description: 'The request comes from an origin that is not allowed.',
  },
  client_invalid: {
    status: 401,
    error: 'invalid_client',
    action: 'fix',
    description: 'The client could not be authenticated.',
  },
  grant_type_unsupported: {
    status: 400,
    error: 'unsupported_grant_type',
    action: 'fix',
    description: 'The grant type is not supported here.',
  },
  token_type_unsupported: {
    status: 400,
    error: 'unsupported_token_type',
    action: 'fix',
    description: 'Tokens of this type cannot be revoked here.',
  },
  method_not_allowed: {
    status: 405,
    error: 'invalid_request',
    action: 'fix',
    description: 'The method is not allowed here.',
  },
  request_timeout: {
    status: 408,
    error: 'invalid_request',
    action: 'retry',
    description: 'The body of the request did not arrive in time.',
  },
  request_too_large: {
    status: 413,
    error: 'invalid_request',
    action: 'fix',
    description: 'The body of the request is too large.',
  },
  media_type_unsupported: {
    status: 415,
    error: 'invalid_request',
    action: 'fix',
    description: 'The body must be JSON or a URL-encoded form.',
  },
  token_too_large: {
    status: 500,
    error: 'server_error',
    action: 'fix',
    description: 'The access token would be larger than servers accept.',
  },
  temporarily_unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    action: 'retry',
    description: 'The request could not be checked just now.',
    retryAfter: 2,
  },
  store_full: {
    status: 503,
    error: 'temporarily_unavailable',
    action: 'retry',
    description: 'No further session can be kept just now.',
    retryAfter: 60,
  },
  session_limit: {
    status: 403,
    error: 'access_denied',
    action: 'fix',
    description: 'This account has as many sessions as it may have.',
  },
} as const;

/** Stable, for programs. Closed: a new code is a new feature. */
export type AuthErrorCode = keyof typeof errorTable;
