// Made from the error table of @tokenpair/core by `UPDATE_DOCS=1 pnpm test refusal-codes`. Do not edit.

/** What a client does next. */
export type Action = 'fix' | 'login' | 'reauthenticate' | 'refresh' | 'retry';

/** The codes of tokenpair's refusals. */
export type RefusalCode =
  | 'token_missing'
  | 'request_malformed'
  | 'refresh_token_misplaced'
  | 'token_expired'
  | 'token_not_active'
  | 'token_invalid'
  | 'token_key_unknown'
  | 'token_too_long'
  | 'claims_stale'
  | 'session_revoked'
  | 'authentication_insufficient'
  | 'scope_insufficient'
  | 'claim_refused'
  | 'refresh_token_missing'
  | 'refresh_token_invalid'
  | 'refresh_pending'
  | 'token_pair_mismatch'
  | 'scope_not_granted'
  | 'access_denied'
  | 'origin_refused'
  | 'client_invalid'
  | 'grant_type_unsupported'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'request_too_large'
  | 'media_type_unsupported'
  | 'token_too_large'
  | 'temporarily_unavailable'
  | 'store_full'
  | 'session_limit';
