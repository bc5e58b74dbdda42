// The error classes of tokenpair: one class for each case that a caller handles differently.

import { checkOptions } from '../lib/options.js';
import { AuthError, type AuthErrorDetails } from './auth-error.js';
import type { ProtectionSpace } from './challenge.js';

/**
 * The exact check that an access token failed. For logs and events; never on the wire. `'kid'`: the token names no key, and
 * the issuer has several of its algorithm. `'size'`: the token is longer than `maxTokenBytes`.
 * `'claims'`: the claims do not fit the schema in the option `claims`. `'rev'`: it is no position in a revocation log. `'stale'`: the
 * claims may be older than a change that was announced.
 */
export type TokenCheck =
  | 'size'
  | 'shape'
  | 'header'
  | 'algorithm'
  | 'crit'
  | 'type'
  | 'kid'
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
  | 'claims'
  | 'cnf'
  | 'rev'
  | 'stale'
  | 'revoked';

/** No bearer credential was sent (401, `token_missing`). */
export class MissingTokenError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('token_missing', { space });
  }
}

/** The request is wrong (4xx): malformed, several credentials, wrong method, media type or size, or its body came too late. */
export class InvalidRequestError extends AuthError {
  constructor(
    code:
      | 'request_malformed'
      | 'refresh_token_misplaced'
      | 'method_not_allowed'
      | 'request_timeout'
      | 'request_too_large'
      | 'media_type_unsupported'
      | 'grant_type_unsupported' = 'request_malformed',
    details?: Pick<AuthErrorDetails, 'space' | 'headers' | 'cause'>,
  ) {
    super(code, details);
  }
}

/**
 * The access token was refused (401). `code` says whether it has expired (`token_expired`), is not active yet
 * (`token_not_active`), names a key that the verifier does not have (`token_key_unknown`), is longer than the verifier
 * accepts (`token_too_long`), or failed another check (`token_invalid`).
 */
export class InvalidTokenError extends AuthError {
  /** The check that failed. For logs: it is never part of an answer. */
  readonly check: TokenCheck;

  constructor(
    code:
      | 'token_expired'
      | 'token_not_active'
      | 'token_key_unknown'
      | 'token_too_long'
      | 'token_invalid',
    check: TokenCheck,
    space?: ProtectionSpace,
    /** Seconds until the token is active: `Retry-After`. */
    retryAfter?: number,
  ) {
    super(code, {
      ...(space && { space }),
      ...(retryAfter !== undefined && { headers: { 'Retry-After': String(retryAfter) } }),
    });
    this.check = check;
  }
}

/** The session of the access token has ended (401, `session_revoked`). */
export class SessionRevokedError extends AuthError {
  readonly check: TokenCheck = 'revoked';

  constructor(space: ProtectionSpace) {
    super('session_revoked', { space });
  }
}

/** The claims of the access token may be older than a change that was announced (401, `claims_stale`). A refresh brings new ones. */
export class ClaimsStaleError extends AuthError {
  readonly check: TokenCheck = 'stale';

  constructor(space: ProtectionSpace) {
    super('claims_stale', { space });
  }
}

/**
 * The user proved who they are too long ago, or not at the level that a guard requires (401, `authentication_insufficient`). They
 * authenticate again, and keep the session and its tokens. RFC 9470 §3
 */
export class InsufficientAuthenticationError extends AuthError {
  /** Seconds: `max_age` in the challenge. `undefined` when the time does not matter. */
  readonly maxAge: number | undefined;
  /** The levels of which one is required: `acr_values` in the challenge. Empty when the level does not matter. */
  readonly acrValues: readonly string[];

  constructor(space: ProtectionSpace, maxAge: number | undefined, acrValues: readonly string[]) {
    super('authentication_insufficient', { space, maxAge, acrValues });
    this.maxAge = maxAge;
    this.acrValues = Object.freeze([...acrValues]);
  }
}

/** A valid access token does not have a scope that a guard requires (403, `scope_insufficient`). */
export class InsufficientScopeError extends AuthError {
  /** The scopes that the guard requires, space-delimited. */
  readonly scope: string;

  constructor(scope: string, space: ProtectionSpace) {
    super('scope_insufficient', { space, scope });
    this.scope = scope;
  }
}

/** A valid access token fails a claim guard or a check of the application (403, `claim_refused`). */
export class ClaimRefusedError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('claim_refused', { space });
  }
}

/** A refresh or a logout has no refresh token (401, `refresh_token_missing`). */
export class MissingRefreshTokenError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('refresh_token_missing', { space });
  }
}

/**
 * The refresh token was refused (401, `refresh_token_invalid`): it is forged, unknown, expired, revoked or reused, or the
 * `claims` hook denied its subject. The client does not learn which. Reuse, a leaked refresh key, a store that lost a write and a
 * denied subject emit events.
 */
export class InvalidRefreshTokenError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('refresh_token_invalid', { space });
  }
}

/**
 * The access token at a refresh does not belong to the session of the refresh token, or it is required and was not sent (401,
 * `token_pair_mismatch`).
 */
export class TokenPairMismatchError extends AuthError {
  constructor(space: ProtectionSpace) {
    super('token_pair_mismatch', { space });
  }
}

/** A refresh asked for a scope that the login did not grant (400, `scope_not_granted`). */
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

/** A request with a cookie comes from a page of an origin that is not allowed (403, `origin_refused`). */
export class OriginRefusedError extends AuthError {
  constructor() {
    super('origin_refused');
  }
}

/** `authenticateClient` did not accept the OAuth client (401, `client_invalid`). RFC 6749 §5.2 */
export class InvalidClientError extends AuthError {
  /** @param space - for the challenge, if the client sent an `Authorization` header. Otherwise there is no challenge. */
  constructor(space?: ProtectionSpace) {
    super(
      'client_invalid',
      space && { headers: { 'WWW-Authenticate': `Basic realm="${space.realm}"` } },
    );
  }
}

/** The subject has `maxSessions` sessions, and `onSessionLimit` is `'reject'` (403, `session_limit`). */
export class SessionLimitError extends AuthError {
  constructor() {
    super('session_limit');
  }
}

/**
 * The `claims` hook answered more claims than fit into an access token (500, `token_too_large`). Change the hook: a repetition
 * fails too. `cause` says how long the token would be. Nothing was stored or spent.
 */
export class TokenTooLargeError extends AuthError {
  constructor(details: { readonly cause?: unknown } = {}) {
    super('token_too_large', checkOptions('TokenTooLargeError', details, ['cause']));
  }
}

/**
 * The store, a key set, a hook or the clock failed or was too slow (503, `temporarily_unavailable`). The error does not mean that a
 * token is bad: the client keeps its tokens and repeats the request.
 */
export class TemporarilyUnavailableError extends AuthError {
  /** @throws TypeError `details` is not a plain object or has a member other than `cause` and `headers`. */
  constructor(
    details: Pick<AuthErrorDetails, 'cause' | 'headers'> = {},
    code: 'temporarily_unavailable' | 'refresh_pending' | 'store_full' = 'temporarily_unavailable',
  ) {
    super(code, checkOptions('TemporarilyUnavailableError', details, ['cause', 'headers']));
  }
}

/**
 * The refresh token was spent longer ago than the reuse interval, and the settle time has not passed yet (503,
 * `refresh_pending`). The session did not change. The client repeats the refresh after `Retry-After`, with the refresh token that it
 * has then.
 */
export class RefreshPendingError extends TemporarilyUnavailableError {
  /** @param seconds - the value of `Retry-After`. */
  constructor(seconds: number) {
    super({ headers: { 'Retry-After': String(seconds) } }, 'refresh_pending');
  }
}

/**
 * The session store failed, was too slow, or answered what the store contract does not allow (503, `temporarily_unavailable`). It is
 * unknown whether the store executed the call.
 */
export class StoreUnavailableError extends TemporarilyUnavailableError {}

/**
 * The revocation log does not answer, or has not been heard for longer than `maxAge` (503, `temporarily_unavailable`). After a
 * call that announces, what it changed in the store holds; other processes may not know it yet. The announcement is repeated.
 */
export class RevocationsUnavailableError extends TemporarilyUnavailableError {}

/** The session store has no room, and evicts no live session to make room (503, `store_full`). */
export class StoreFullError extends TemporarilyUnavailableError {
  constructor() {
    super({}, 'store_full');
  }
}
