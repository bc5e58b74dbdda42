// The errors of tokenpair: one class for each thing that a caller would do differently.

import { checkOptions } from '../lib/options.js';
import { AuthError, type AuthErrorDetails } from './auth-error.js';
import type { ProtectionSpace } from './challenge.js';

/** The exact check that an access token failed. For logs and events; never on the wire. */
export type TokenCheck =
  | 'shape'
  | 'header'
  | 'algorithm'
  | 'crit'
  | 'type'
  | 'key'
  | 'signature'
  | 'payload'
  | 'exp'
  | 'nbf'
  | 'iat'
  | 'iss'
  | 'aud'
  | 'sub'
  | 'jti'
  | 'sid'
  | 'scope'
  | 'claim'
  | 'cnf'
  | 'revoked';

/** No bearer credential was sent (401, `token_missing`). */
export class MissingTokenError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('token_missing', { space });
  }
}

/** The request itself is wrong: malformed, several credentials, wrong method, media type or size (4xx). */
export class InvalidRequestError extends AuthError {
  constructor(
    code:
      | 'request_malformed'
      | 'method_not_allowed'
      | 'request_timeout'
      | 'request_too_large'
      | 'media_type_unsupported'
      | 'grant_type_unsupported'
      | 'token_type_unsupported' = 'request_malformed',
    details?: Pick<AuthErrorDetails, 'space' | 'headers' | 'cause'>,
  ) {
    super(code, details);
  }
}

/**
 * The access token was refused (401): `code` says whether it expired, is not active yet, names a key that the verifier
 * does not have, or is not valid.
 */
export class InvalidTokenError extends AuthError {
  /** The exact check that failed. For logs: it never reaches the client. */
  readonly check: TokenCheck;

  constructor(
    code: 'token_expired' | 'token_not_active' | 'token_key_unknown' | 'token_invalid',
    check: TokenCheck,
    space?: ProtectionSpace,
  ) {
    super(code, space ? { space } : {});
    this.check = check;
  }
}

/** The session that the access token belongs to has been ended (401, `session_revoked`). */
export class SessionRevokedError extends AuthError {
  readonly check: TokenCheck = 'revoked';

  constructor(space: ProtectionSpace) {
    super('session_revoked', { space });
  }
}

/** A good token lacks a scope (403, `scope_insufficient`). */
export class InsufficientScopeError extends AuthError {
  /** What the guard asks for, space-delimited. */
  readonly scope: string;

  constructor(scope: string, space: ProtectionSpace) {
    super('scope_insufficient', { space, scope });
    this.scope = scope;
  }
}

/** A good token fails a claim guard or an application's own check (403, `claim_refused`). */
export class ClaimRefusedError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('claim_refused', { space });
  }
}

/** No refresh token was sent where one is needed (401, `refresh_token_missing`). */
export class MissingRefreshTokenError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('refresh_token_missing', { space });
  }
}

/**
 * The refresh token was refused (401, `refresh_token_invalid`): forged, unknown, expired, revoked or reused. The
 * client does not learn which; reuse, a leaked key and a store that went back are events.
 */
export class InvalidRefreshTokenError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('refresh_token_invalid', { space });
  }
}

/** The access token sent along at refresh is not of the refresh token's session (401, `token_pair_mismatch`). */
export class TokenPairMismatchError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('token_pair_mismatch', { space });
  }
}

/** A refresh asked for more scope than the session was granted (400, `scope_not_granted`). */
export class ScopeNotGrantedError extends AuthError {
  constructor() {
    super('scope_not_granted');
  }
}

/** The `claims` hook denied the subject at login (403, `access_denied`). */
export class AccessDeniedError extends AuthError {
  constructor() {
    super('access_denied');
  }
}

/** A request with a cookie comes from a place that is not allowed to send it (403, `origin_refused`). */
export class OriginRefusedError extends AuthError {
  constructor() {
    super('origin_refused');
  }
}

/** An OAuth client could not be authenticated (401, `client_invalid`). */
export class InvalidClientError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('client_invalid', { headers: { 'WWW-Authenticate': `Basic realm="${space.realm}"` } });
  }
}

/** The subject has as many sessions as it may have, and the oldest is not to make room (403, `session_limit`). */
export class SessionLimitError extends AuthError {
  constructor() {
    super('session_limit');
  }
}

/**
 * The `claims` hook answered more claims than fit into an access token (500, `token_too_large`). Repeating does not help:
 * the application has to change its hook. `cause` says how long the token would be. Nothing was stored or spent.
 */
export class TokenTooLargeError extends AuthError {
  constructor(details: { readonly cause?: unknown } = {}) {
    const { cause } = checkOptions('TokenTooLargeError', details, ['cause']);
    super('token_too_large', { cause });
  }
}

/** Something could not be checked just now (503, `temporarily_unavailable`): not a verdict on any token. */
export class TemporarilyUnavailableError extends AuthError {
  /** @throws TypeError `details` is no object or has another member than `cause` and `headers`. */
  constructor(
    details: Pick<AuthErrorDetails, 'cause' | 'headers'> = {},
    code: 'temporarily_unavailable' | 'refresh_pending' | 'store_full' = 'temporarily_unavailable',
  ) {
    super(code, checkOptions('TemporarilyUnavailableError', details, ['cause', 'headers']));
  }
}

/**
 * The refresh token was spent a moment ago and nothing can be said about it yet (503, `refresh_pending`). Nothing happened:
 * repeat the refresh after `Retry-After`, with the token that the client holds then.
 */
export class RefreshPendingError extends TemporarilyUnavailableError {
  /** @param seconds - for `Retry-After`. */
  constructor(seconds: number) {
    super({ headers: { 'Retry-After': String(seconds) } }, 'refresh_pending');
  }
}

/** The session store is down, slow or answered nonsense (503). The outcome of what was asked is unknown. */
export class StoreUnavailableError extends TemporarilyUnavailableError {}

/** The session store has no room and evicts no live session to make some (503, `store_full`). */
export class StoreFullError extends TemporarilyUnavailableError {
  constructor() {
    super({}, 'store_full');
  }
}
