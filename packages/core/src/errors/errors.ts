// End of every journey that fails: each refusal as an error with code, status, action and response headers.

import { challenge, type ProtectionSpace } from './challenge.js';
import { FramelessError } from './frameless-error.js';
import { checkOptions } from '../lib/options.js';
import { errorTable, type AuthAction, type AuthErrorCode, type ErrorRow } from './error-table.js';

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

interface AuthErrorDetails {
  /** Where a bearer credential was asked for; without it there is nothing to challenge for. */
  readonly space?: ProtectionSpace;
  readonly scope?: string;
  readonly cause?: unknown;
  /** Headers that this one case needs beside those of the table. */
  readonly headers?: Readonly<Record<string, string>>;
}

const detailNames: readonly string[] = ['space', 'scope', 'cause', 'headers'];

// Two copies of this file (ESM and CommonJS) can meet in one process, so identity is a mark, not a prototype.
const brand = Symbol.for('tokenpair.AuthError');

/**
 * Any refusal by tokenpair. Express and Koa understand `status`, `headers` and `expose` of an error that is handed on.
 *
 * Neither the message nor any property holds a token, a key or text from either. What went wrong underneath is
 * in `cause`, for the log. Its `stack` has no frames: a refusal is an answer, and `code` says why it was given.
 */
export class AuthError extends FramelessError {
  static {
    nameClass(this, 'AuthError');
  }

  /** True for an error of this class, also for one made by another copy of the package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A subclass of an application's own has no name of ours to be known by.
    if (!isAuthError(value) || !Object.hasOwn(this.prototype, 'name')) {
      return Function.prototype[Symbol.hasInstance].call(this, value);
    }
    for (let link: object | null = value; link !== null; link = Reflect.getPrototypeOf(link)) {
      if (Object.hasOwn(link, 'name') && Reflect.get(link, 'name') === this.prototype.name) {
        return true;
      }
    }
    return false;
  }

  readonly code: AuthErrorCode;
  /** HTTP status. */
  readonly status: number;
  /** The OAuth error word, where there is one: coarser than `code`. */
  readonly error: string | undefined;
  readonly action: AuthAction;
  /** The message is our own fixed text, so it may always be shown. */
  readonly expose: true = true;
  /** Response headers that belong to this refusal, names in the usual case. */
  readonly headers: Readonly<Record<string, string>>;

  /** @throws TypeError `details` is no object or has an unknown member, which would then be lost. */
  constructor(code: AuthErrorCode, details: AuthErrorDetails = {}) {
    const { cause } = checkOptions('AuthError', details, detailNames);
    const refusal: ErrorRow = errorTable[code];
    super(refusal.description, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = refusal.status;
    this.error = refusal.error;
    this.action = refusal.action;
    this.headers = Object.freeze(headersOf(refusal, details));
    Object.defineProperty(this, brand, { value: true });
  }
}

/** No bearer credential was sent (401, `token_missing`). */
export class MissingTokenError extends AuthError {
  static {
    nameClass(this, 'MissingTokenError');
  }

  constructor(space: ProtectionSpace) {
    super('token_missing', { space });
  }
}

/** The request itself is wrong: malformed, several credentials, wrong method, media type or size (4xx). */
export class InvalidRequestError extends AuthError {
  static {
    nameClass(this, 'InvalidRequestError');
  }

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
  static {
    nameClass(this, 'InvalidTokenError');
  }

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
  static {
    nameClass(this, 'SessionRevokedError');
  }

  readonly check: TokenCheck = 'revoked';

  constructor(space: ProtectionSpace) {
    super('session_revoked', { space });
  }
}

/** A good token lacks a scope (403, `scope_insufficient`). */
export class InsufficientScopeError extends AuthError {
  static {
    nameClass(this, 'InsufficientScopeError');
  }

  /** What the guard asks for, space-delimited. */
  readonly scope: string;

  constructor(scope: string, space: ProtectionSpace) {
    super('scope_insufficient', { space, scope });
    this.scope = scope;
  }
}

/** A good token fails a claim guard or an application's own check (403, `claim_refused`). */
export class ClaimRefusedError extends AuthError {
  static {
    nameClass(this, 'ClaimRefusedError');
  }

  constructor(space: ProtectionSpace) {
    super('claim_refused', { space });
  }
}

/** No refresh token was sent where one is needed (401, `refresh_token_missing`). */
export class MissingRefreshTokenError extends AuthError {
  static {
    nameClass(this, 'MissingRefreshTokenError');
  }

  constructor(space: ProtectionSpace) {
    super('refresh_token_missing', { space });
  }
}

/**
 * The refresh token was refused (401, `refresh_token_invalid`): forged, unknown, expired, revoked or reused. The
 * client does not learn which; reuse, a leaked key and a store that went back are events.
 */
export class InvalidRefreshTokenError extends AuthError {
  static {
    nameClass(this, 'InvalidRefreshTokenError');
  }

  constructor(space: ProtectionSpace) {
    super('refresh_token_invalid', { space });
  }
}

/** The access token sent along at refresh is not of the refresh token's session (401, `token_pair_mismatch`). */
export class TokenPairMismatchError extends AuthError {
  static {
    nameClass(this, 'TokenPairMismatchError');
  }

  constructor(space: ProtectionSpace) {
    super('token_pair_mismatch', { space });
  }
}

/** A refresh asked for more scope than the session was granted (400, `scope_not_granted`). */
export class ScopeNotGrantedError extends AuthError {
  static {
    nameClass(this, 'ScopeNotGrantedError');
  }

  constructor() {
    super('scope_not_granted');
  }
}

/** The `claims` hook denied the subject at login (403, `access_denied`). */
export class AccessDeniedError extends AuthError {
  static {
    nameClass(this, 'AccessDeniedError');
  }

  constructor() {
    super('access_denied');
  }
}

/** A request with a cookie comes from a place that is not allowed to send it (403, `origin_refused`). */
export class OriginRefusedError extends AuthError {
  static {
    nameClass(this, 'OriginRefusedError');
  }

  constructor() {
    super('origin_refused');
  }
}

/** An OAuth client could not be authenticated (401, `client_invalid`). */
export class InvalidClientError extends AuthError {
  static {
    nameClass(this, 'InvalidClientError');
  }

  constructor(space: ProtectionSpace) {
    super('client_invalid', { headers: { 'WWW-Authenticate': `Basic realm="${space.realm}"` } });
  }
}

/** The subject has as many sessions as it may have, and the oldest is not to make room (403, `session_limit`). */
export class SessionLimitError extends AuthError {
  static {
    nameClass(this, 'SessionLimitError');
  }

  constructor() {
    super('session_limit');
  }
}

/**
 * The `claims` hook answered more claims than fit into an access token (500, `token_too_large`). Repeating does not help:
 * the application has to change its hook. `cause` says how long the token would be. Nothing was stored or spent.
 */
export class TokenTooLargeError extends AuthError {
  static {
    nameClass(this, 'TokenTooLargeError');
  }

  constructor(details: { readonly cause?: unknown } = {}) {
    const { cause } = checkOptions('TokenTooLargeError', details, ['cause']);
    super('token_too_large', { cause });
  }
}

/** Something could not be checked just now (503, `temporarily_unavailable`): not a verdict on any token. */
export class TemporarilyUnavailableError extends AuthError {
  static {
    nameClass(this, 'TemporarilyUnavailableError');
  }

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
  static {
    nameClass(this, 'RefreshPendingError');
  }

  /** @param seconds - for `Retry-After`. */
  constructor(seconds: number) {
    super({ headers: { 'Retry-After': String(seconds) } }, 'refresh_pending');
  }
}

/** The session store is down, slow or answered nonsense (503). The outcome of what was asked is unknown. */
export class StoreUnavailableError extends TemporarilyUnavailableError {
  static {
    nameClass(this, 'StoreUnavailableError');
  }
}

/** The session store has no room and evicts no live session to make some (503, `store_full`). */
export class StoreFullError extends TemporarilyUnavailableError {
  static {
    nameClass(this, 'StoreFullError');
  }

  constructor() {
    super({}, 'store_full');
  }
}

/** Whether a value is a refusal by tokenpair, whichever copy of the package made it. */
export function isAuthError(value: unknown): value is AuthError {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, brand);
}

function headersOf(refusal: ErrorRow, details: AuthErrorDetails): Record<string, string> {
  const { space, scope } = details;
  const { error, description, retryAfter } = refusal;
  return {
    'Cache-Control': 'no-store',
    ...(space && refusal.challenge === 'bare' && { 'WWW-Authenticate': challenge(space) }),
    ...(space &&
      refusal.challenge === 'full' && {
        'WWW-Authenticate': challenge(space, { error, description, scope }),
      }),
    ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    ...details.headers,
  };
}

// On the prototype, so that `name` is no own property of every error and `instanceof` has a name to compare.
function nameClass(errorClass: { prototype: object }, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', {
    value: name,
    writable: true,
    configurable: true,
  });
}
