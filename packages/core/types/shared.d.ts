import { IncomingMessage, Agent } from 'node:http';
import { KeyObject } from 'node:crypto';

/** What Node's `IncomingMessage` and `Http2ServerRequest` have of what we read. */
interface NodeHeaders {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}
/** What a Fetch `Request` has of what we read. */
interface FetchHeaders {
  readonly headers: {
    get(name: string): string | null;
  };
}

/** What Node's `IncomingMessage` (so Express's and Koa's request too) has of what we read. */
interface NodeRequest extends NodeHeaders {
  /** Names and values in turn, as they came: shows a header that was sent twice. */
  readonly rawHeaders?: readonly string[];
  readonly url?: string | undefined;
  /** Without one, a token from a cookie is judged like that of a POST. */
  readonly method?: string | undefined;
}
/** What a Fetch `Request` has of what we read. */
interface FetchRequest extends FetchHeaders {
  readonly url?: string;
  /** Without one, a token from a cookie is judged like that of a POST. */
  readonly method?: string;
}
type BearerRequest = NodeRequest | FetchRequest;
/** A request, or the bare value of its `Authorization` header; `null` and `undefined` say that there was none. */
type BearerSource = BearerRequest | string | null | undefined;

/** A value, or a promise of it. A request that needs nothing from elsewhere is then answered without one. */
type MaybePromise<T> = T | Promise<T>;

/** The protected area, as every challenge names it. */
interface ProtectionSpace {
  /** Name of the protected area, as in RFC 9110 §11.5. */
  readonly realm: string;
  /** Where the RFC 9728 document of this resource is, when it has one. */
  readonly resourceMetadata?: string;
}
/** Options that name the protected area. */
interface ProtectionSpaceOptions {
  /** Name of the protected area in every challenge. Printable ASCII without `"` and `\`. @defaultValue `'api'` */
  readonly realm?: string | undefined;
  /** Absolute URL of the resource's metadata document, repeated in every challenge. RFC 9728 §5.1 */
  readonly resourceMetadata?: string | undefined;
}

/** What a client does next: refresh the access token, sign in again, wait and repeat, or change the request. */
type AuthAction = 'refresh' | 'login' | 'retry' | 'fix';
/** Every error by `code`. The union {@link AuthErrorCode} follows it. */
declare const errorTable: {
  readonly token_missing: {
    readonly status: 401;
    readonly action: 'login';
    readonly description: 'No bearer access token was sent.';
    readonly challenge: 'bare';
    readonly when: 'The request has no bearer credential. A credential of another scheme (`Basic`, `DPoP`, …) counts as none.';
    readonly todo: 'Client: send `Authorization: Bearer <access token>`, or sign in. Developer: the token must be in the header unless `transports` says otherwise.';
  };
  readonly request_malformed: {
    readonly status: 400;
    readonly error: 'invalid_request';
    readonly action: 'fix';
    readonly description: 'The request is malformed, or carries a credential more than once.';
    readonly challenge: 'full';
    readonly when: 'The credential is not of the form `Bearer <token>`, was sent twice or in two places, or a body or parameter cannot be read.';
    readonly todo: 'Client: send one credential, and each parameter once. Developer: a middleware that reads a body must leave it in `req.body` (`ctx.request.body`); `error.cause` says what was wrong.';
  };
  readonly token_expired: {
    readonly status: 401;
    readonly error: 'invalid_token';
    readonly action: 'refresh';
    readonly description: 'The access token has expired.';
    readonly challenge: 'full';
    readonly when: 'The access token is genuine and has expired.';
    readonly todo: 'Client: refresh once, then repeat the request.';
  };
  readonly token_not_active: {
    readonly status: 401;
    readonly error: 'invalid_token';
    readonly action: 'retry';
    readonly description: 'The access token is not active yet.';
    readonly challenge: 'full';
    readonly when: 'The access token is genuine and its `nbf` or `iat` is in the future.';
    readonly todo: 'Client: wait, then repeat the request. Developer: compare the clocks of the servers; `clockTolerance` allows up to 300 seconds.';
  };
  readonly token_invalid: {
    readonly status: 401;
    readonly error: 'invalid_token';
    readonly action: 'login';
    readonly description: 'The access token is not valid here.';
    readonly challenge: 'full';
    readonly when: 'Any other check of the access token failed: shape, algorithm, signature, type, issuer, audience or another claim. A header without `kid` is here too.';
    readonly todo: 'Client: sign in. Developer: `error.check` and the event `verification.refused` name the check.';
  };
  readonly token_key_unknown: {
    readonly status: 401;
    readonly error: 'invalid_token';
    readonly action: 'refresh';
    readonly description: 'The key of the access token is not known here.';
    readonly challenge: 'full';
    readonly when: 'The access token names a key (`kid`) that this server does not have, or no longer has. A change of keys is the usual reason.';
    readonly todo: 'Client: refresh once, then repeat the request. If that is refused as well, sign in. Developer: keep a retired key until `describeKeys()` says that it can go.';
  };
  readonly session_revoked: {
    readonly status: 401;
    readonly error: 'invalid_token';
    readonly action: 'login';
    readonly description: 'The session of this access token has ended.';
    readonly challenge: 'full';
    readonly when: 'The session was ended: `isRevoked` answered true, or a session endpoint found that it is gone.';
    readonly todo: 'Client: sign in.';
  };
  readonly scope_insufficient: {
    readonly status: 403;
    readonly error: 'insufficient_scope';
    readonly action: 'fix';
    readonly description: 'The access token lacks a scope that this request needs.';
    readonly challenge: 'full';
    readonly when: 'A guard asks for a scope that the access token does not have. The challenge names the scope.';
    readonly todo: 'Client: ask for an access token with that scope, or do not offer the action.';
  };
  readonly claim_refused: {
    readonly status: 403;
    readonly error: 'insufficient_scope';
    readonly action: 'fix';
    readonly description: 'The access token does not carry what this request needs.';
    readonly challenge: 'full';
    readonly when: 'A guard asks for a claim that the access token does not have, or a check of the application answered false.';
    readonly todo: 'Client: do not offer the action to this user.';
  };
  readonly refresh_token_missing: {
    readonly status: 401;
    readonly error: 'invalid_grant';
    readonly action: 'login';
    readonly description: 'No refresh token was sent.';
    readonly challenge: 'bare';
    readonly oauthStatus: 400;
    readonly oauthError: 'invalid_request';
    readonly when: 'A refresh or a logout came without a refresh token.';
    readonly todo: 'Client: sign in. Developer: a `Secure` cookie is not sent over plain http, except to `localhost`.';
  };
  readonly refresh_token_invalid: {
    readonly status: 401;
    readonly error: 'invalid_grant';
    readonly action: 'login';
    readonly description: 'The refresh token is not valid.';
    readonly challenge: 'bare';
    readonly oauthStatus: 400;
    readonly when: 'The refresh token is forged, unknown, expired, revoked, or was used before. The client does not learn which.';
    readonly todo: 'Client: sign in. Developer: the events `refresh.reused`, `refresh.forged_with_valid_tag` and `session.rolled_back` name the serious reasons.';
  };
  readonly refresh_pending: {
    readonly status: 503;
    readonly error: 'temporarily_unavailable';
    readonly action: 'retry';
    readonly description: 'The refresh token was used a moment ago. Repeat the request later.';
    readonly retryAfter: 60;
    readonly when: 'The refresh token was spent a moment ago: after the reuse interval, and before the session may rotate again. Or the session rotated while a hook was slow. Nothing happened.';
    readonly todo: 'Client: wait as long as `Retry-After` says, then refresh with the refresh token that is in the storage or the cookie by then.';
  };
  readonly token_pair_mismatch: {
    readonly status: 401;
    readonly error: 'invalid_grant';
    readonly action: 'login';
    readonly description: 'The access token does not belong to the refresh token.';
    readonly challenge: 'bare';
    readonly oauthStatus: 400;
    readonly when: 'The access token that was sent along does not belong to the session of the refresh token, or `requireAccessToken` is set and none was sent. An access token whose key is not known counts as not sent.';
    readonly todo: 'Client: sign in. Send the two tokens of one pair.';
  };
  readonly scope_not_granted: {
    readonly status: 400;
    readonly error: 'invalid_scope';
    readonly action: 'fix';
    readonly description: 'The scope asked for exceeds the scope that was granted.';
    readonly when: 'A refresh asks for more scope than the login granted.';
    readonly todo: 'Client: ask for less, or leave `scope` out.';
  };
  readonly access_denied: {
    readonly status: 403;
    readonly error: 'access_denied';
    readonly action: 'fix';
    readonly description: 'This account may not sign in.';
    readonly when: 'The `claims` hook answered `false` at login.';
    readonly todo: 'Client: tell the user that the account may not sign in.';
  };
  readonly origin_refused: {
    readonly status: 403;
    readonly error: 'invalid_request';
    readonly action: 'fix';
    readonly description: 'The request comes from an origin that is not allowed.';
    readonly when: 'A request with a token in a cookie came from a page that is neither of the own origin nor of one in `allowedOrigins`.';
    readonly todo: "Developer: name the page's origin in `allowedOrigins`. A program that sends neither `Origin` nor `Sec-Fetch-Site` adds an `X-Requested-With` header.";
  };
  readonly client_invalid: {
    readonly status: 401;
    readonly error: 'invalid_client';
    readonly action: 'fix';
    readonly description: 'The client could not be authenticated.';
    readonly when: '`authenticateClient` did not accept the client that asks at `/token` or `/revoke`.';
    readonly todo: 'Client: check the client ID and the client secret.';
  };
  readonly grant_type_unsupported: {
    readonly status: 400;
    readonly error: 'unsupported_grant_type';
    readonly action: 'fix';
    readonly description: 'The grant type is not supported here.';
    readonly when: 'A request to `/token` has another `grant_type` than `refresh_token`.';
    readonly todo: "Client: sign in at the application's own login route.";
  };
  readonly token_type_unsupported: {
    readonly status: 400;
    readonly error: 'unsupported_token_type';
    readonly action: 'fix';
    readonly description: 'Tokens of this type cannot be revoked here.';
    readonly when: 'A request to `/revoke` sends an access token.';
    readonly todo: 'Client: send the refresh token. An access token expires by itself, in minutes.';
  };
  readonly method_not_allowed: {
    readonly status: 405;
    readonly error: 'invalid_request';
    readonly action: 'fix';
    readonly description: 'The method is not allowed here.';
    readonly when: 'The endpoint does not take this method.';
    readonly todo: 'Client: use a method that `Allow` names.';
  };
  readonly request_timeout: {
    readonly status: 408;
    readonly error: 'invalid_request';
    readonly action: 'retry';
    readonly description: 'The body of the request did not arrive in time.';
    readonly when: 'The body of the request did not arrive within the deadline.';
    readonly todo: 'Client: send the request again.';
  };
  readonly request_too_large: {
    readonly status: 413;
    readonly error: 'invalid_request';
    readonly action: 'fix';
    readonly description: 'The body of the request is too large.';
    readonly when: 'The body of the request is larger than 8 KB.';
    readonly todo: 'Client: send only the parameters of the endpoint.';
  };
  readonly media_type_unsupported: {
    readonly status: 415;
    readonly error: 'invalid_request';
    readonly action: 'fix';
    readonly description: 'The body must be JSON or a URL-encoded form.';
    readonly when: 'The body of the request is neither JSON nor a URL-encoded form, or the endpoint takes forms only.';
    readonly todo: 'Client: set `Content-Type` to `application/json` or `application/x-www-form-urlencoded`.';
  };
  readonly token_too_large: {
    readonly status: 500;
    readonly error: 'server_error';
    readonly action: 'fix';
    readonly description: 'The access token would be larger than servers accept.';
    readonly when: 'The `claims` hook answered more than fits into an access token of 8 192 characters. Nothing was stored or spent.';
    readonly todo: 'Developer: answer fewer or shorter claims, an ID instead of a list for example. The event `hook.failed` says how long the token would be.';
  };
  readonly temporarily_unavailable: {
    readonly status: 503;
    readonly error: 'temporarily_unavailable';
    readonly action: 'retry';
    readonly description: 'The request could not be checked just now.';
    readonly retryAfter: 2;
    readonly when: 'The store, a key set, a hook or the clock failed or was too slow. No token was judged.';
    readonly todo: 'Client: wait as long as `Retry-After` says, then send the same request again. Developer: `error.cause` and the events `store.unavailable`, `keys.unavailable` and `hook.failed` say what failed.';
  };
  readonly store_full: {
    readonly status: 503;
    readonly error: 'temporarily_unavailable';
    readonly action: 'retry';
    readonly description: 'No further session can be kept just now.';
    readonly retryAfter: 60;
    readonly when: 'The session store has no room, and it never ends a live session to make some.';
    readonly todo: 'Client: try again later. Developer: raise `capacity`, or the memory of Redis.';
  };
  readonly session_limit: {
    readonly status: 403;
    readonly error: 'access_denied';
    readonly action: 'fix';
    readonly description: 'This account has as many sessions as it may have.';
    readonly when: "The subject has `maxSessions` sessions, and `onSessionLimit` is `'reject'`.";
    readonly todo: 'Client: let the user end another session first.';
  };
};
/** Stable codes for programs. */
type AuthErrorCode = keyof typeof errorTable;

interface AuthErrorDetails {
  /** Where a bearer credential was asked for. Without it the answer has no challenge. */
  readonly space?: ProtectionSpace;
  /** The scope that a guard asks for, for the challenge. */
  readonly scope?: string;
  readonly cause?: unknown;
  /** Headers that this error needs beside those of the table. */
  readonly headers?: Readonly<Record<string, string>>;
}
/**
 * An error that tokenpair throws on purpose. Express and Koa understand `status`, `headers` and `expose` of an error that is
 * handed on.
 *
 * Neither the message nor any property contains a token, a key or text from either. What failed underneath is in `cause`,
 * for the log. A 401 has no stack frames: it answers a client, anonymous clients can cause any number of them, and `code`
 * says why.
 */
declare class AuthError extends Error {
  readonly code: AuthErrorCode;
  /** HTTP status. */
  readonly status: number;
  /** The OAuth error word, where there is one: coarser than `code`. */
  readonly error: string | undefined;
  /** What the client does next. */
  readonly action: AuthAction;
  /** The message is fixed text from the error table, so it may always be shown. */
  readonly expose: true;
  /** Response headers that belong to this error, names in the usual case. */
  readonly headers: Readonly<Record<string, string>>;
  /** @throws TypeError `details` is no object or has an unknown member. */
  constructor(code: AuthErrorCode, details?: AuthErrorDetails);
}
/** Whether a value is an error of tokenpair, also one that another version of the package made. */
declare function isAuthError(value: unknown): value is AuthError;

/** The exact check that an access token failed. For logs and events; never on the wire. */
type TokenCheck =
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
declare class MissingTokenError extends AuthError {
  constructor(space: ProtectionSpace);
}
/** The request itself is wrong: malformed, several credentials, wrong method, media type or size (4xx). */
declare class InvalidRequestError extends AuthError {
  constructor(
    code?:
      | 'request_malformed'
      | 'method_not_allowed'
      | 'request_timeout'
      | 'request_too_large'
      | 'media_type_unsupported'
      | 'grant_type_unsupported'
      | 'token_type_unsupported',
    details?: Pick<AuthErrorDetails, 'space' | 'headers' | 'cause'>,
  );
}
/**
 * The access token was refused (401): `code` says whether it expired, is not active yet, names a key that the verifier
 * does not have, or is not valid.
 */
declare class InvalidTokenError extends AuthError {
  /** The exact check that failed. For logs: it never reaches the client. */
  readonly check: TokenCheck;
  constructor(
    code: 'token_expired' | 'token_not_active' | 'token_key_unknown' | 'token_invalid',
    check: TokenCheck,
    space?: ProtectionSpace,
  );
}
/** The session that the access token belongs to has been ended (401, `session_revoked`). */
declare class SessionRevokedError extends AuthError {
  readonly check: TokenCheck;
  constructor(space: ProtectionSpace);
}
/** A good token lacks a scope (403, `scope_insufficient`). */
declare class InsufficientScopeError extends AuthError {
  /** What the guard asks for, space-delimited. */
  readonly scope: string;
  constructor(scope: string, space: ProtectionSpace);
}
/** A good token fails a claim guard or an application's own check (403, `claim_refused`). */
declare class ClaimRefusedError extends AuthError {
  constructor(space: ProtectionSpace);
}
/** No refresh token was sent where one is needed (401, `refresh_token_missing`). */
declare class MissingRefreshTokenError extends AuthError {
  constructor(space: ProtectionSpace);
}
/**
 * The refresh token was refused (401, `refresh_token_invalid`): forged, unknown, expired, revoked or reused. The
 * client does not learn which; reuse, a leaked key and a store that went back are events.
 */
declare class InvalidRefreshTokenError extends AuthError {
  constructor(space: ProtectionSpace);
}
/** The access token sent along at refresh is not of the refresh token's session (401, `token_pair_mismatch`). */
declare class TokenPairMismatchError extends AuthError {
  constructor(space: ProtectionSpace);
}
/** A refresh asked for more scope than the session was granted (400, `scope_not_granted`). */
declare class ScopeNotGrantedError extends AuthError {
  constructor();
}
/** The `claims` hook denied the subject at login (403, `access_denied`). */
declare class AccessDeniedError extends AuthError {
  constructor();
}
/** A request with a cookie comes from a place that is not allowed to send it (403, `origin_refused`). */
declare class OriginRefusedError extends AuthError {
  constructor();
}
/** An OAuth client could not be authenticated (401, `client_invalid`). */
declare class InvalidClientError extends AuthError {
  constructor(space: ProtectionSpace);
}
/** The subject has as many sessions as it may have, and the oldest is not to make room (403, `session_limit`). */
declare class SessionLimitError extends AuthError {
  constructor();
}
/**
 * The `claims` hook answered more claims than fit into an access token (500, `token_too_large`). Repeating does not help:
 * the application has to change its hook. `cause` says how long the token would be. Nothing was stored or spent.
 */
declare class TokenTooLargeError extends AuthError {
  constructor(details?: { readonly cause?: unknown });
}
/** Something could not be checked just now (503, `temporarily_unavailable`): not a verdict on any token. */
declare class TemporarilyUnavailableError extends AuthError {
  /** @throws TypeError `details` is no object or has another member than `cause` and `headers`. */
  constructor(
    details?: Pick<AuthErrorDetails, 'cause' | 'headers'>,
    code?: 'temporarily_unavailable' | 'refresh_pending' | 'store_full',
  );
}
/**
 * The refresh token was spent a moment ago and nothing can be said about it yet (503, `refresh_pending`). Nothing happened:
 * repeat the refresh after `Retry-After`, with the token that the client holds then.
 */
declare class RefreshPendingError extends TemporarilyUnavailableError {
  /** @param seconds - for `Retry-After`. */
  constructor(seconds: number);
}
/** The session store is down, slow or answered nonsense (503). The outcome of what was asked is unknown. */
declare class StoreUnavailableError extends TemporarilyUnavailableError {}
/** The session store has no room and evicts no live session to make some (503, `store_full`). */
declare class StoreFullError extends TemporarilyUnavailableError {
  constructor();
}

/** The payload of a verified access token. Registered names have their RFC 7519 meaning; times are seconds. */
interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly iat?: number;
  readonly nbf?: number;
  readonly jti?: string;
  /** The session; an identifier, not a credential. */
  readonly sid?: string;
  readonly scope?: string | readonly string[];
  readonly [claim: string]: unknown;
}
/** What a claim can be compared with. */
type ClaimValue = string | number | boolean;
/** What the claims of an issuer's tokens must be, and where they stand. */
interface ClaimRules {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** The claim that holds the audience, where it is not `aud`. */
  readonly audienceClaim?: string;
  /** The claim that holds the scopes, where it is not `scope`. */
  readonly scopeClaim?: string;
  /** Claims that must have exactly one value. */
  readonly requiredClaims?: readonly (readonly [name: string, value: ClaimValue])[];
}

/** A source of now: milliseconds since the epoch, as `Date.now` gives. */
type Clock = () => number;

/** Seconds as a whole number, or text with a unit: `'90s'`, `'15m'`, `'12h'`, `'30d'`, `'2w'`. */
type Duration = number | string;
/**
 * Reads a duration option as seconds, whole ones unless `fractions` says otherwise.
 *
 * A text of bare digits is refused: half of its readers mean seconds, the other half milliseconds.
 *
 * @throws TypeError naming the option when the value is no duration or lies outside `min` to `max`.
 * @throws TypeError `bounds` has an unknown member.
 */
declare function toSeconds(
  option: string,
  value: unknown,
  bounds?: {
    min?: number;
    max?: number;
    fractions?: boolean;
  },
): number;

interface SessionEvent {
  /** Milliseconds since the epoch, by the clock of this process. */
  readonly time: number;
  readonly sessionId: string;
  readonly subject: string;
}
/** A subject signed in. */
interface SessionIssuedEvent extends SessionEvent {
  readonly type: 'session.issued';
}
/** A session was refreshed. */
interface SessionRefreshedEvent extends SessionEvent {
  readonly type: 'session.refreshed';
  readonly generation: number;
  /**
   * `'rotated'`: the refresh token was exchanged for its successor. `'held'`: the session had rotated within the settle time,
   * so the client keeps its refresh token. `'replayed'`: a spent token got the successor that exists.
   */
  readonly how: 'rotated' | 'held' | 'replayed';
}
/** A session was ended. */
interface SessionRevokedEvent extends SessionEvent {
  readonly type: 'session.revoked';
  readonly reason: 'logout' | 'subject' | 'reuse' | 'denied';
}
/** A session was ended to make room for a newer one of the same subject. */
interface SessionEvictedEvent extends SessionEvent {
  readonly type: 'session.evicted';
}
/** A refresh token is ahead of its record: the store has lost a write, as a failover can. The session goes on. */
interface SessionRolledBackEvent extends SessionEvent {
  readonly type: 'session.rolled_back';
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
}
/** A spent refresh token was used again, so its session was ended. One event per session. */
interface RefreshReusedEvent extends SessionEvent {
  readonly type: 'refresh.reused';
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
}
/**
 * A spent refresh token came after the reuse interval and within the settle time, or its session rotated while a hook was
 * slow. The client repeats the refresh; nothing happened.
 */
interface RefreshPendingEvent extends SessionEvent {
  readonly type: 'refresh.pending';
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
}
/** A refresh token with a good tag that was never issued: the refresh key has leaked. Change it. */
interface RefreshForgedEvent extends SessionEvent {
  readonly type: 'refresh.forged_with_valid_tag';
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
}
/** A presented access token was refused. */
interface VerificationRefusedEvent {
  readonly type: 'verification.refused';
  readonly time: number;
  readonly code: AuthErrorCode;
  /** The exact check that failed, where the token was looked at. */
  readonly check?: TokenCheck;
  /** From the token's own claims, once its signature was good. */
  readonly sessionId?: string;
  readonly subject?: string;
}
/** The store failed, was too slow or answered what the contract does not allow. */
interface StoreUnavailableEvent {
  readonly type: 'store.unavailable';
  readonly time: number;
  /** The method of the store contract that was called. */
  readonly operation: string;
  readonly cause: unknown;
}
/** A function of the application failed, was too slow or returned what it must not. */
interface HookFailedEvent {
  readonly type: 'hook.failed';
  readonly time: number;
  /** The option that holds the function. */
  readonly hook: string;
  readonly cause: unknown;
}
/** A key set could not be loaded: the endpoint is down, slow or redirects, or what it answered is no key set. */
interface KeysUnavailableEvent {
  readonly type: 'keys.unavailable';
  readonly time: number;
  /** The URL of the key set without its query, the issuer, or `loadedKeySet`. */
  readonly source: string;
  readonly cause: unknown;
}
type TokenpairEvent =
  | SessionIssuedEvent
  | SessionRefreshedEvent
  | SessionRevokedEvent
  | SessionEvictedEvent
  | SessionRolledBackEvent
  | RefreshReusedEvent
  | RefreshPendingEvent
  | RefreshForgedEvent
  | VerificationRefusedEvent
  | StoreUnavailableEvent
  | HookFailedEvent
  | KeysUnavailableEvent;
/**
 * Receives every event. An error that it throws, or a rejection, changes nothing. An event is frozen, and the same object for
 * every listener; `cause` is the value that was thrown, not a copy.
 */
type EventListener = (event: TokenpairEvent) => unknown;

/**
 * Signature algorithms of RFC 7518 §3.1, RFC 8037 §3.1 and RFC 9864 §2.2. `none` is not among them, so it cannot be
 * written. `EdDSA` and `Ed25519` are two words for one thing: a key is for one of them, and its tokens bear that word.
 */
type Algorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519';

/**
 * A JSON Web Key: what `KeyObject.export({ format: 'jwk' })`, Web Crypto and other libraries write. A value may have other
 * members too; they are not used.
 *
 * Our own type, since that of `@types/node` has another name and another shape in its newer versions. The type does not say
 * which members belong together: that is checked when the key is imported.
 *
 * @see RFC 7517 §4, RFC 7518 §6, RFC 8037 §2
 */
type Jwk = {
  readonly kty?: string | undefined;
  readonly use?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly alg?: string | undefined;
  readonly kid?: string | undefined;
  readonly ext?: boolean | undefined;
  readonly x5u?: string | undefined;
  readonly x5c?: readonly string[] | undefined;
  readonly x5t?: string | undefined;
  readonly 'x5t#S256'?: string | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly d?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly p?: string | undefined;
  readonly q?: string | undefined;
  readonly dp?: string | undefined;
  readonly dq?: string | undefined;
  readonly qi?: string | undefined;
  readonly oth?: readonly object[] | undefined;
  readonly k?: string | undefined;
};

/**
 * A public or a private key: PEM as text or bytes, DER as bytes (SPKI, PKCS#8, PKCS#1, SEC1), a JWK, or a `KeyObject`.
 * An encrypted one must come as a `KeyObject`.
 */
type AsymmetricKeyMaterial = string | Uint8Array | Jwk | KeyObject;
/**
 * A shared secret, at least as long as the hash (RFC 7518 §3.2): bytes; text, of which the UTF-8 bytes count; base64url
 * as `{ base64url: '…' }` or as a JWK of type `oct`; or a `KeyObject`. Plain text is never decoded, whatever it looks like.
 */
type SecretMaterial =
  | string
  | Uint8Array
  | {
      readonly base64url: string;
    }
  | Jwk
  | KeyObject;

/**
 * Where a key stands in its life. `next` is known to all who verify, but makes nothing: whoever fetches keys now and then
 * must have seen it before its first token comes. `current` makes tokens. `retiring` makes no more, and verifies what it has
 * made until the last of that is over.
 */
type KeyState = 'next' | 'current' | 'retiring';
interface KeyStateOptions {
  /**
   * For the keys of an issuer: all of them have a state and one is `current`, or none has. A verifier takes every key
   * that it is given, whatever its state.
   * @defaultValue the first key is `current`, the rest are `retiring`
   */
  readonly state?: KeyState | undefined;
  /**
   * When the key came into its state: a `Date`, ISO 8601 text or milliseconds since the epoch. `describeKeys` reckons from
   * it until when a retiring key is needed.
   * @defaultValue when this process was given the key in that state
   */
  readonly since?: Date | string | number | undefined;
}

interface KeyLabel extends KeyStateOptions {
  /**
   * Names the key in the header of every token that it signs. Exact, at most 256 characters; no two keys share one.
   * @defaultValue the `kid` of a JWK, which must be the same where both are given; for a single key without either, its
   * thumbprint ({@link keyThumbprint}, RFC 7638). Several keys each need one.
   */
  readonly kid?: string | undefined;
}
interface WithAlgorithm extends KeyLabel {
  /** The one algorithm that this key is for. A JWK whose `alg` is another is refused. */
  readonly algorithm: Algorithm;
}
interface WithJwkAlgorithm extends KeyLabel {
  /** @defaultValue the `alg` of the JWK, which must be the same where both are given */
  readonly algorithm?: Algorithm | undefined;
}
/** A JWK that says itself which algorithm it is for. Its `use` and `key_ops`, if any, must allow what it is given for. */
type JwkWithAlgorithm = Jwk & {
  readonly alg: string;
};
/** A key that only verifies. */
type PublicKeyOptions =
  | (WithAlgorithm & {
      readonly publicKey: AsymmetricKeyMaterial;
    })
  | (WithJwkAlgorithm & {
      readonly publicKey: JwkWithAlgorithm;
    });
/** A key that signs, and verifies with its public half. */
type PrivateKeyOptions =
  | (WithAlgorithm & {
      readonly privateKey: AsymmetricKeyMaterial;
    })
  | (WithJwkAlgorithm & {
      readonly privateKey: JwkWithAlgorithm;
    });
/** A secret that signs and verifies. Whoever can verify with it can sign. */
type SecretKeyOptions =
  | (WithAlgorithm & {
      readonly secret: SecretMaterial;
    })
  | (WithJwkAlgorithm & {
      readonly secret: JwkWithAlgorithm;
    });
/** A key to verify with. */
type VerificationKeyOptions = PublicKeyOptions | SecretKeyOptions;
/** A key to sign and verify with. */
type SigningKeyOptions = PrivateKeyOptions | SecretKeyOptions;

/**
 * Keys to verify with that are loaded, and loaded again: a value for the option `keys`. Made by `remoteKeySet`,
 * `discoveredKeySet` and `loadedKeySet`; several verifiers can share one, and then share its loads.
 */
interface KeySource {
  /** Every algorithm that a key of it may be for: what is not here is refused before a key is looked for. */
  readonly algorithms: ReadonlySet<string>;
}

/** An issuer whose tokens are accepted, and how they look. What is left out is as in RFC 9068. */
interface AcceptedIssuerOptions {
  /** The exact `iss` of accepted tokens. Compared as a string: no pattern, no slash folding. */
  readonly issuer: string;
  /** The exact `aud` of accepted tokens, or several of which one is enough. */
  readonly audience: string | readonly string[];
  /** Keys to verify with, by `kid`: at hand, or a set that is loaded, from `remoteKeySet` for example. */
  readonly keys: readonly VerificationKeyOptions[] | KeySource;
  /** Algorithms that are accepted, where the keys are for more. @defaultValue those of the keys */
  readonly algorithms?: readonly Algorithm[] | undefined;
  /**
   * The media type that `typ` in the header must be, with or without `application/`. `false` takes whatever is there, for
   * issuers that write none: then name a claim in `requiredClaims` that only access tokens have, or an ID token passes for
   * one. @defaultValue `'at+jwt'` @see RFC 9068 §4, RFC 8725 §3.11
   */
  readonly type?: string | false | undefined;
  /** The claim that holds the audience. @defaultValue `'aud'` */
  readonly audienceClaim?: string | undefined;
  /** The claim that holds the scopes, as a string or an array. @defaultValue `'scope'` */
  readonly scopeClaim?: string | undefined;
  /** Claims that must have exactly this value, `{ token_use: 'access' }` for example. @defaultValue none */
  readonly requiredClaims?: Readonly<Record<string, ClaimValue>> | undefined;
}
/** The checked options of one issuer. */
interface AcceptedIssuer extends ClaimRules {}

/** An access token whose every check has passed. Frozen, claims and all. */
interface VerifiedToken {
  /** The claim `sub`: who calls. */
  readonly subject: string;
  /** The claim `sid`: the session, where the token names one. */
  readonly sessionId: string | undefined;
  /** The claim `scope`, or what the issuer has in its place, as a set. */
  readonly scopes: ReadonlySet<string>;
  /** When the token is over, in seconds since the epoch. */
  readonly expiresAt: number;
  /** All claims. */
  readonly claims: AccessTokenClaims;
  /** Where the token was accepted; a guard that refuses it says so in its challenge. */
  readonly space: ProtectionSpace;
}

/** Bounds of the verified-token cache. What was used least recently makes room. */
interface TokenCacheOptions {
  /** Tokens at most. @defaultValue 10 000 */
  readonly max?: number | undefined;
  /** Bytes at most, as estimated from the length of each token. @defaultValue 33 554 432 (32 MiB) */
  readonly maxBytes?: number | undefined;
}

/** What {@link createTokenVerifier} takes, but for the keys. */
interface VerificationOptions extends ProtectionSpaceOptions {
  /**
   * Difference between clocks that is forgiven in `exp`, `nbf` and `iat`: 0 to 300 seconds.
   * @defaultValue 5 (seconds)
   */
  readonly clockTolerance?: Duration | undefined;
  /**
   * Where a token may stand beside the `Authorization` header. A request that uses two places is refused with 400.
   * @defaultValue none: the header only. RFC 6750 §2, RFC 9700 §4.3.2
   */
  readonly transports?: TokenTransports | undefined;
  /**
   * Whether a token that is good in itself has been revoked since: `true` or `false`, or a promise of it. Asked
   * last. When it throws, is slow or answers anything else, the request gets 503, never a pass.
   *
   * Look up the session (`sid`) or the token's `jti`. The text of a token does not identify it: under ES256, ES384 and
   * ES512 anyone who holds a token can compute a second signature for it, which is as valid.
   */
  readonly isRevoked?: ((token: VerifiedToken) => boolean | Promise<boolean>) | undefined;
  /**
   * Whether tokens that have been verified are remembered, so that their signature is not computed again: `false`, or how
   * many. Their times, their key and `isRevoked` are checked at every request all the same.
   * @defaultValue `{ max: 10_000, maxBytes: 33_554_432 }` (10 000 tokens, 32 MiB)
   */
  readonly cache?: TokenCacheOptions | false | undefined;
  /** How long `isRevoked` and `transports.custom` may take. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /** Hears of refused tokens, with the exact check, and of hooks that failed. */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}
/** Options of {@link createTokenVerifier}: one issuer, or several. */
type TokenVerifierOptions = OneIssuerOptions | SeveralIssuersOptions;
/** Options of a verifier that takes the tokens of one issuer. */
interface OneIssuerOptions extends VerificationOptions, AcceptedIssuerOptions {}
/** Options of a verifier that takes the tokens of several issuers. */
interface SeveralIssuersOptions extends VerificationOptions {
  /**
   * The issuers, each with its own audience, keys, algorithms and type: no token of one is held against the rules of
   * another. The `iss` of a token chooses, by exact comparison; no two are the same.
   */
  readonly issuers: readonly AcceptedIssuerOptions[];
}
/** Places other than the `Authorization` header. Each is off unless it is named. */
interface TokenTransports {
  /**
   * Name of a cookie that holds the access token: `'__Host-access_token'`, so that no other host of the domain can set it.
   *
   * A browser sends the cookie with the requests of every page. So a request with it is refused with 403
   * (`origin_refused`) unless it comes from the server's own origin or from `allowedOrigins`: by `Sec-Fetch-Site`, else by
   * `Origin` against `Host`; a program that sends neither adds an `X-Requested-With` header. The own origin is `https`, or
   * `http` on a loopback host. Not checked: `GET`, `HEAD`, `OPTIONS` and `TRACE`, which must not change anything, except
   * for WebSocket handshakes. A request object without a `method` is checked.
   */
  readonly cookie?: string;
  /** Origins, beside the server's own, whose pages may send the cookie. Needs `cookie`. @defaultValue none */
  readonly allowedOrigins?: readonly string[];
  /** Name of a query parameter that holds it. It ends up in logs: prefer anything else. */
  readonly query?: string;
  /**
   * Finds the token in a place of the application's own; `undefined` when there is none. Where it reads a cookie, it has to
   * check the origin of the request itself.
   */
  readonly custom?: (request: BearerRequest) => string | undefined | Promise<string | undefined>;
}
/** Verifies access tokens. Holds no key that can sign for others and no store. */
interface TokenVerifier {
  /** Whose tokens it takes, and meant for whom. */
  readonly accepts: readonly AcceptedIssuer[];
  readonly realm: string;
  /**
   * Takes other keys instead of the present ones. From the next request on, a token whose key is not among them is
   * refused with `token_key_unknown`, whether it was verified before or not, and its client refreshes.
   *
   * Another key under a `kid` that is known is accepted, so that a key can be withdrawn whatever it is called. Tokens of
   * the former key then have a bad signature (`token_invalid`), and their users must sign in: give a new key a new `kid`.
   *
   * @param issuer - whose keys. Required where several issuers are accepted; with one it may be left out.
   * @throws TypeError naming what is wrong, and then no key is replaced: a key cannot be used, none of them is for an
   * algorithm that is accepted, or `issuer` is not the name of an accepted issuer. Also where the keys are loaded, and on
   * the verifier of an issuer, whose own `replaceKeys` must be called.
   */
  replaceKeys(keys: readonly VerificationKeyOptions[], issuer?: string): void;
}
/**
 * Checks options and imports keys, once, for {@link verifyBearer}.
 *
 * @throws TypeError naming the option that is wrong or missing.
 * @see RFC 9068 §4, RFC 8725 §3
 */
declare function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier;

/**
 * A check after verification: returns when the token may pass, throws the refusal when not. `Context` is what the
 * framework hands to a handler.
 */
type Guard<Context = unknown> = (token: VerifiedToken, context: Context) => MaybePromise<void>;
/** Scopes as a developer writes them: `'a b'`, `['a', 'b']` or `'a', 'b'`. */
type ScopeList = readonly (string | readonly string[])[];
/**
 * Requires that a token has all of the scopes.
 *
 * @throws {@link InsufficientScopeError} (403) one is missing; its challenge names all that are asked for.
 * @throws TypeError no scope was named, which would let everybody through.
 */
declare function requireScopes(token: VerifiedToken, ...scopes: ScopeList): void;
/** A guard for tokens that have all of the scopes. */
declare function guardScopes(...scopes: ScopeList): Guard;
/** A guard for tokens that have at least one of the scopes. */
declare function guardAnyScope(...scopes: ScopeList): Guard;
/**
 * A guard for tokens whose claim is one of the values, or an array that holds one of them.
 *
 * Values are compared with `===`, on own properties of the claims only.
 */
declare function guardClaim(name: string, ...values: readonly ClaimValue[]): Guard;
/**
 * A guard for tokens that satisfy a predicate of the application's own. It may be async; only `true` passes.
 *
 * A predicate that throws or is too slow could not check, so the request gets 503 and not 403.
 */
declare function guardCheck<Context>(
  verifier: TokenVerifier,
  predicate: (token: VerifiedToken, context: Context) => boolean | Promise<boolean>,
): Guard<Context>;

/** What adapters let an application choose. */
interface AuthenticationOptions {
  /** Lets a request without a credential pass. One with a bad credential is still refused. @defaultValue `false` */
  readonly optional?: boolean | undefined;
  /**
   * `'pass'` lets a true CORS preflight (`OPTIONS` with `Origin` and `Access-Control-Request-Method`) reach what is
   * behind, unverified. Better: put `cors()` in front. @defaultValue `'verify'`
   */
  readonly preflight?: 'verify' | 'pass' | undefined;
}
/** A request that frameworks on Node hand us. */
type ServerRequest = NodeRequest;
/** Verifies requests and puts their tokens before guards; remembers them as long as there is the request. */
interface RequestAuthenticator {
  /**
   * Verifies the request. With `optional`, one without a credential passes.
   *
   * @returns `undefined` when it has passed at once, or a promise; a refusal is always a rejection.
   */
  authenticate(request: ServerRequest): Promise<void> | undefined;
  /** Verifies the request, unless that has been done, and puts its token before a guard. Answers in the same way. */
  guard<Context>(
    request: ServerRequest,
    guard: Guard<Context>,
    context: Context,
  ): Promise<void> | undefined;
  /** The verified token of a request, if it has one. */
  tokenOf(request: object): VerifiedToken | undefined;
  /**
   * The same for a handler, which relies on it.
   *
   * @throws Error nothing has verified the request, and verifying is not optional.
   */
  requireToken(request: object): VerifiedToken | undefined;
}
/**
 * Composes {@link verifyBearer} and guards for an adapter, which then only translates.
 *
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError naming the option that is wrong.
 */
declare function createRequestAuthenticator(
  verifier: TokenVerifier,
  options?: AuthenticationOptions,
  adapterOptionNames?: readonly string[],
): RequestAuthenticator;

/** Guards of single routes. Each authenticates by itself, unless something before it has. */
interface RouteGuards<Middleware, Context> {
  /** Requires all of the scopes. 403 `scope_insufficient` */
  scopes(...scopes: ScopeList): Middleware;
  /** Requires one of the scopes. 403 `scope_insufficient` */
  anyScope(...scopes: ScopeList): Middleware;
  /** Requires a claim to be one of the values, or to be an array that holds one. 403 `claim_refused` */
  claim(name: string, ...values: readonly ClaimValue[]): Middleware;
  /** Requires an own predicate, which may be async, to answer `true`. 403 `claim_refused`; 503 when it throws */
  check(
    predicate: (token: VerifiedToken, context: Context) => boolean | Promise<boolean>,
  ): Middleware;
}
/** The guards, each made into middleware by an adapter. */
declare function createRouteGuards<Middleware, Context>(
  verifier: TokenVerifier,
  toMiddleware: (guard: Guard<Context>) => Middleware,
): RouteGuards<Middleware, Context>;

/** Milliseconds: an instant of the store's own clock since the epoch, or a span. */
type Millis = number;
/** What a store holds of a session: one small record, whatever the number of rotations, and no token. */
interface SessionRecord {
  /** Subject tag and random part, 38 characters of base64url. Public: the claim `sid`. */
  readonly sessionId: string;
  /**
   * Whose session it is, across all issuers that share the store: core writes a mark of the issuer and the subject. Any text
   * without lone surrogates, at most 1 033 characters.
   */
  readonly subject: string;
  /** Which refresh token is current: 1 at first, then what the last rotation said. */
  readonly generation: number;
  /** SHA-256 of the current refresh token's secret, base64url. */
  readonly secretHash: string;
  /** Id of the refresh key that sealed the current refresh token. 1 to 15. */
  readonly keyId: number;
  /** The generation whose refresh token produced the current one. 0 at first. */
  readonly parentGeneration: number;
  /** Names the call that wrote the current generation, so that a repeated command is known for what it is. */
  readonly attempt: string;
  /** Whether a token of the current generation has been seen in use. Room for the confirm signal. */
  readonly confirmed: boolean;
  /** The key that the session is bound to. Room for sender-constrained tokens; empty when there is none. */
  readonly cnf: string;
  readonly createdAt: Millis;
  /** When the current generation was written. */
  readonly rotatedAt: Millis;
  /** When the parent of the current generation was first used; recovery is counted from here. */
  readonly anchorAt: Millis;
  /** Untouched for so long after `rotatedAt`, the session is over. */
  readonly idleLifetime: Millis;
  /** The session is over at this instant, however often it is refreshed. */
  readonly expiresAt: Millis;
  /** Opaque to the store; at most 8 192 characters. */
  readonly data: string;
}
/** A record together with the instant, by the store's clock, at which it was read. */
interface SessionSnapshot extends SessionRecord {
  readonly asOf: Millis;
}
/** A session to create; the store adds the instants. */
interface NewSession extends Pick<
  SessionRecord,
  | 'sessionId'
  | 'subject'
  | 'generation'
  | 'secretHash'
  | 'keyId'
  | 'parentGeneration'
  | 'attempt'
  | 'cnf'
  | 'idleLifetime'
  | 'data'
> {
  /** The session is over so long after its creation. */
  readonly absoluteLifetime: Millis;
}
/** How many live sessions a subject may have, and what happens to the one too many. */
interface SessionLimit {
  readonly max: number;
  readonly onLimit: 'evict-oldest' | 'reject';
}
type CreateResult =
  | {
      readonly outcome: 'created';
      readonly session: SessionSnapshot;
      /** Sessions of the same subject that were ended to make room, least recently refreshed first. */
      readonly evicted: readonly string[];
    }
  /** Nothing has changed: the subject is at its limit, or the store has no room. */
  | {
      readonly outcome: 'refused';
      readonly reason: 'limit' | 'full';
    };
/** What the record must be for a rotation to happen. */
interface ExpectedGeneration extends Pick<SessionRecord, 'generation' | 'secretHash'> {
  /**
   * When given: `now - rotatedAt` must be greater than this, or less than its negative (the clock was ahead and was
   * corrected). By the store's clock.
   */
  readonly olderThan?: Millis;
}
/** What the record becomes. Everything else in it stays. */
interface NextGeneration extends Pick<
  SessionRecord,
  'generation' | 'secretHash' | 'keyId' | 'parentGeneration' | 'attempt'
> {
  /** Whether `anchorAt` becomes now. */
  readonly moveAnchor: boolean;
}
type RotateResult =
  /** This call swapped. */
  | {
      readonly outcome: 'swapped';
      readonly session: SessionSnapshot;
    }
  /** The record is another than expected, or not old enough. It is as it was. */
  | {
      readonly outcome: 'conflict';
      readonly session: SessionSnapshot;
    }
  /** There is no live session of that id. */
  | {
      readonly outcome: 'absent';
    };
/**
 * Where sessions live: a compare-and-swap register per session, an index per subject, and a clock.
 *
 * A store holds no policy. Every method is one atomic step: of two callers at once, one comes first and the other
 * sees what it left. A session that is over (idle too long, past its end, revoked, evicted) is absent to every method.
 * A store never evicts a live session to make room, for that would be a sign-out that nobody asked for.
 *
 * `create`, `revokeSubject` and `list` refuse a subject with a lone surrogate, or treat it as the text that it is: never as
 * the subject with the same UTF-8 form.
 *
 * Every method rejects with a `StoreUnavailableError`, within the store's own deadline, when the store is down, slow or
 * holds something that is no record. The outcome is then unknown; nothing is ever half done.
 */
interface SessionStore {
  /**
   * Adds a session, and makes room for it as `limit` says, in one step: of any number of parallel calls at most `max`
   * sessions of the subject are left. Repeated with the same `attempt`, it changes nothing and
   * answers `created`.
   */
  create(session: NewSession, limit: SessionLimit): Promise<CreateResult>;
  /**
   * Swaps the generation when the record is as `expect` says: `rotatedAt` becomes now, `confirmed` false, and the idle
   * lifetime starts anew. Of any number of callers exactly one swaps. Never creates, so nothing that was revoked
   * comes back.
   */
  rotate(
    sessionId: string,
    expect: ExpectedGeneration,
    next: NextGeneration,
  ): Promise<RotateResult>;
  /** The live session of that id. Does not touch its idle lifetime. */
  get(sessionId: string): Promise<SessionSnapshot | undefined>;
  /** Ends a session: true for the one caller that ended it. */
  revoke(sessionId: string): Promise<boolean>;
  /** Ends all sessions of a subject, but for `except`; answers the ids of those it ended. Wins against rotations. */
  revokeSubject(subject: string, except?: string): Promise<readonly string[]>;
  /** The live sessions of a subject, the most recently refreshed first. */
  list(subject: string): Promise<readonly SessionSnapshot[]>;
  /** Frees what the store itself holds open. */
  close?(): Promise<void>;
}

/** A key that seals refresh tokens. A fresh one may replace it at any time: nobody is signed out. */
interface RefreshKeyOptions extends KeyStateOptions {
  /**
   * A whole number from 1 to 15, as text. Every refresh token names it in four bits, of which it carries the
   * complement too. Use an ID again only when the sessions of its former key are over: until then the refresh tokens of
   * those sessions do not open under the other secret, and their users are signed out. `replaceRefreshKeys` refuses it.
   */
  readonly kid: string;
  /** At least 32 bytes. */
  readonly secret: SecretMaterial;
}

/** What tells the sessions of one issuer from those of another. */
interface SessionOwnership {
  /** Begins the owner of every record of this issuer: 8 characters of the hash of the issuer's name, and a dot. */
  readonly ownerPrefix: string;
  /** The audiences of this issuer, as records name them. */
  readonly audienceMarks: readonly string[];
}

/** What the `claims` hook learns of the session: a copy for each call, frozen with everything in it. */
interface ClaimsContext {
  readonly sessionId: string;
  /** The scope that this access token will carry. */
  readonly scope: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** When the session began, in milliseconds by the store's clock; `undefined` at issue, when it is about to. */
  readonly createdAt: number | undefined;
  /** Whether somebody signs in or a session is refreshed. */
  readonly reason: 'issue' | 'refresh';
}
/**
 * Answers the claims that an access token carries beside the registered ones, or `false` to deny: then a login gets
 * {@link AccessDeniedError}, and a refresh ends the session. Asked at issue and at every refresh, so a change of role
 * or a ban arrives with the next access token; old claims are never copied.
 *
 * When it throws, is slow or answers anything else, the client gets 503 and nothing has been spent. When it answers more
 * claims than fit into an access token of 8 192 characters, repeating does not help: {@link TokenTooLargeError} (500), and
 * nothing has been spent either.
 */
type ClaimsHook = (subject: string, session: ClaimsContext) => ClaimsAnswer | Promise<ClaimsAnswer>;
type ClaimsAnswer = Readonly<Record<string, unknown>> | false;
/** What {@link createTokenIssuer} takes for issuing; {@link VerificationOptions} go to its own verifier. */
interface IssuingOptions extends ProtectionSpaceOptions {
  /** Written as `iss`. With `audience` and the signature it must leave room for 4 096 bytes of subject and scope. */
  readonly issuer: string;
  /** Written as `aud`. */
  readonly audience: string | readonly string[];
  /** The first key signs, the rest still verify; or as their `state` says. */
  readonly keys: readonly [SigningKeyOptions, ...(VerificationKeyOptions | SigningKeyOptions)[]];
  /** The first key seals refresh tokens, the rest still open them; or as their `state` says. */
  readonly refreshKeys: readonly [RefreshKeyOptions, ...RefreshKeyOptions[]];
  readonly store: SessionStore;
  readonly claims?: ClaimsHook | undefined;
  /** How long an access token is valid. @defaultValue `'5m'` (300 seconds) @see RFC 7519 §4.1.4 */
  readonly accessTokenLifetime?: Duration | undefined;
  /** A session that is not refreshed for so long is over. @defaultValue `'30d'` (30 days) */
  readonly idleLifetime?: Duration | undefined;
  /** A session is over so long after login, however often it is refreshed. @defaultValue `'90d'` (90 days) */
  readonly absoluteLifetime?: Duration | undefined;
  /**
   * How long the predecessor of a refresh token gets the same successor again: for tabs that refresh together and for
   * answers that were lost. A session rotates at most once in twice this time; a refresh before that answers the same
   * refresh token. 0 to 300 seconds; 0 makes every second use a theft. @defaultValue 30 (seconds)
   */
  readonly reuseInterval?: Duration | undefined;
  /**
   * Whether a refresh must bring the access token too. Then a key that has signed access tokens must stay among `keys`
   * until the sessions that have them are over, the shorter of `idleLifetime` and `absoluteLifetime`: an access token
   * whose key is gone counts as absent, and its session could not be refreshed. `describeKeys` says until when.
   * @defaultValue `false`
   */
  readonly requireAccessToken?: boolean | undefined;
  /** Live sessions that a subject may have. @defaultValue 100 */
  readonly maxSessions?: number | undefined;
  /** What happens at a login beyond that. @defaultValue `'evict-oldest'`: the least recently refreshed one ends */
  readonly onSessionLimit?: 'evict-oldest' | 'reject' | undefined;
  /** How long the store and the hooks may take. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /** Hears of everything that happens to sessions and tokens. */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds, for `iat` and `exp`; sessions live by the store's clock. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}
/** The checked options. */
interface IssuingContext extends SessionOwnership {
  readonly issuer: string;
  readonly audience: readonly string[];
}

/** A key, what it does, and until when. */
interface KeyDescription {
  /** Which of the issuer's two kinds of keys it is. */
  readonly for: 'access tokens' | 'refresh tokens';
  readonly kid: string;
  /** Of a key for access tokens. */
  readonly algorithm?: Algorithm;
  readonly state: KeyState;
  /** Since when it is in its state, in milliseconds since the epoch. */
  readonly since: number;
  /**
   * When the last token that it has made is of no more use, in milliseconds; `undefined` while the key is not retiring. A
   * key for access tokens is needed until they have expired and, with `requireAccessToken`, until the sessions that must
   * present them have expired too.
   */
  readonly neededUntil: number | undefined;
  /** All of that as a sentence, for a log. */
  readonly summary: string;
}

/** Options of {@link createTokenIssuer}. */
interface TokenIssuerOptions extends IssuingOptions, VerificationOptions {}
/** Issues token pairs and keeps their sessions. */
interface TokenIssuer extends IssuingContext {
  /** Verifies what this issuer signs. */
  readonly verifier: TokenVerifier;
  /**
   * Takes other keys instead of the present ones, for signing and verifying: from the next call on. At the very next
   * request a token whose key is gone is refused with `token_key_unknown`, and its client refreshes.
   *
   * Another key under a `kid` that is known is accepted, so that a key can be withdrawn whatever it is called. Tokens of
   * the former key then have a bad signature (`token_invalid`), and their users must sign in: give a new key a new `kid`.
   *
   * @throws TypeError naming what is wrong with them; then no key is replaced.
   */
  replaceKeys(keys: IssuingOptions['keys']): void;
  /**
   * The same for the keys of refresh tokens. No user is signed out, even when the former keys are all gone.
   *
   * @throws TypeError naming what is wrong with them; then no key is replaced. A `kid` must not come with another secret
   * while sessions under the secret that it had in this process may be alive: while it is among the keys, and for the
   * shorter of `idleLifetime` and `absoluteLifetime` after its last use.
   */
  replaceRefreshKeys(refreshKeys: IssuingOptions['refreshKeys']): void;
  /** What each key does, and until when it is needed. */
  describeKeys(): readonly KeyDescription[];
}
/**
 * Checks options and imports keys, once, for {@link issueTokenPair}, {@link refreshTokenPair} and their kin.
 *
 * @throws TypeError naming the option that is wrong or missing.
 */
declare function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer;

/** An HTTP response as plain values. Adapters send it as it is. */
interface HttpResponse {
  readonly status: number;
  /** Names in the usual case; a value that is an array is one header line each. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** JSON text; absent when there is no body. */
  readonly body?: string;
}

/** An access token and the refresh token that renews it. */
interface TokenPair {
  readonly accessToken: string;
  /** The refresh token to go on with. Two refreshes within the settle time answer the same one. */
  readonly refreshToken: string;
  /** False when `refreshToken` is the token that was presented: there is nothing new to store. */
  readonly refreshTokenChanged: boolean;
  readonly tokenType: 'Bearer';
  /** Seconds until the access token is over. */
  readonly expiresIn: number;
  /** Seconds until the refresh token is over, if it is not used: the idle or the absolute end, whichever is first. */
  readonly refreshExpiresIn: number;
  readonly sessionId: string;
  /** The scope of the access token, space-delimited; empty when it has none. */
  readonly scope: string;
}
/** A token pair as clients read it. RFC 6749 §5.1 */
interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token: string;
  readonly scope?: string;
}
/** The RFC 6749 §5.1 JSON of a pair. Send it with `Cache-Control: no-store`. */
declare function tokenResponse(pair: TokenPair): TokenResponse;

/** What a client says of itself, at most once. */
interface ClientCredentials {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string;
}
/**
 * Answers whether a client may use the OAuth endpoints; `undefined` when the request names none. Only `true` passes.
 * `client` is frozen; `request` is the request itself.
 * Compare secrets in constant time.
 */
type ClientAuthentication = (
  client: ClientCredentials | undefined,
  request: IncomingMessage,
) => boolean | Promise<boolean>;

/** A request as an adapter hands it over. */
interface EndpointRequest {
  readonly request: IncomingMessage;
  /** Path below the mount, with a leading slash and without the query. */
  readonly path: string;
  /** What a body parser left, if there was one. */
  readonly body: unknown;
}

interface RefreshCookieOptions {
  /**
   * Where the browser sends the cookie: the path of the mount as the browser sees it, `'/auth'` say. The name is then
   * `__Secure-refresh_token`. @defaultValue none: `__Host-refresh_token` with `Path=/`, the strictest prefix
   */
  readonly path?: string | undefined;
  /** `'none'` for pages of other sites, which many browsers keep cookies from. @defaultValue `'strict'` */
  readonly sameSite?: 'strict' | 'lax' | 'none' | undefined;
}

/** `'auto'`: the cookie for browsers, which say so by `Origin` or `Sec-Fetch-Site`, and the body for programs. */
type TransportName = 'cookie' | 'body' | 'auto';

interface TokenEndpointOptions {
  /**
   * How refresh tokens travel: `'body'`, JSON or form in and JSON out; `'cookie'`, which no script can read; `'auto'`,
   * the cookie for browsers and the body for programs. @defaultValue `'body'`
   */
  readonly transport?: TransportName | undefined;
  readonly cookie?: RefreshCookieOptions | undefined;
  /**
   * Origins, beside the server's own, whose pages may refresh and log out by cookie. The own origin is `https` and the
   * `Host` of the request, or `http` on a loopback host. Behind a proxy that changes `Host`, name the origin that browsers
   * see. @defaultValue none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Asked about the client at `/token` and `/revoke`. @defaultValue none: any client, as for public ones */
  readonly authenticateClient?: ClientAuthentication | undefined;
  /** Absolute URL of the mount as clients see it; with it, there is RFC 8414 metadata for the root. */
  readonly url?: string | undefined;
}
/** The endpoints of an issuer, for any framework. */
interface TokenEndpoints {
  /**
   * Answers a request below the mount, or `undefined` when its path is none of ours.
   *
   * @throws AuthError whatever is refused; answer it with {@link TokenEndpoints.refuse}.
   */
  readonly handle: (request: EndpointRequest) => Promise<HttpResponse | undefined>;
  /** The answer to a refusal, in the dialect of the endpoint. */
  readonly refuse: (request: EndpointRequest, error: AuthError) => HttpResponse;
  /** The answer that hands a fresh pair to the client, after a login. */
  readonly deliver: (request: EndpointRequest['request'], pair: TokenPair) => HttpResponse;
  /** Answers for the documents that must stand at the root of the host, or `undefined`. */
  readonly handleRoot: (
    request: Omit<EndpointRequest, 'body'>,
  ) => Promise<HttpResponse | undefined>;
}
/**
 * Checks options and binds the endpoints to an issuer.
 *
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError naming the option that is wrong.
 */
declare function createTokenEndpoints(
  tokens: TokenIssuer,
  options?: TokenEndpointOptions,
  adapterOptionNames?: readonly string[],
): TokenEndpoints;

/** What a resource says of itself, so that a client finds out where to get a token. */
interface ProtectedResourceOptions {
  /** Absolute URL of the resource, as clients see it. */
  readonly resource: string;
  /** Issuers whose tokens are accepted. */
  readonly authorizationServers: readonly string[];
  /** Scopes that a client may need. */
  readonly scopes?: string | readonly string[] | undefined;
}

/** The document of a protected resource, for any framework. */
interface ProtectedResource {
  /** Answers at the root of the host, or `undefined` when the path is another. */
  readonly handleRoot: (
    request: Omit<EndpointRequest, 'body'>,
  ) => Promise<HttpResponse | undefined>;
}
/**
 * The RFC 9728 document of a resource. Its URL belongs in the verifier's option `resourceMetadata`.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare function createProtectedResource(options: ProtectedResourceOptions): ProtectedResource;

/**
 * The answer of a guard: `application/problem+json`, with `error`, `code` and `action` beside the standard members.
 * Every text in it is from our own table. RFC 9457 §3
 */
declare function problemResponse(error: AuthError): HttpResponse;
/** The answer of a token endpoint: RFC 6749 §5.2 JSON with `code` and `action` beside `error`. */
declare function tokenErrorResponse(error: AuthError): HttpResponse;

/**
 * Reads an options object. Every public function that takes one uses this, also those of the other packages.
 *
 * Checks that the value is a plain object and that every own member with a text for a name, enumerable or not, is among
 * `known`: a misspelled option must not become a default, and evidence must not be passed over. Refuses an instance of a
 * class and an object with another prototype, because inherited members would be passed over. Does not look at members
 * with a symbol for a name, nor at values: `undefined` is accepted for every known name.
 *
 * @param what - the function or option that the message names.
 * @returns a copy of the own members. It inherits nothing, and later changes of `options` do not reach it.
 * @throws TypeError naming the unknown member and the known ones. A value is never part of the message.
 */
declare function checkOptions<Options>(
  what: string,
  options: Options,
  known: readonly string[],
): Options & Record<string, unknown>;

/**
 * Verifies the access token that a request carries as a bearer credential.
 *
 * Checks, in this order: one well-formed credential; the token's shape; `alg`, `crit` and `typ`; the key that `kid`
 * names; the signature; `exp` (required), `nbf`, `iat`, `iss`, `aud`, `sub` (required); that the token is not bound to
 * a key (`cnf`); and `isRevoked`, where the verifier has it. Of a token that was verified before, the key, the times and
 * `isRevoked` are checked again; the rest cannot have changed.
 * Does not check scopes ({@link requireScopes}) nor, without `isRevoked`, whether the session has since been ended.
 *
 * @param request - Node's request (so Express's and Koa's), a Fetch `Request`, or the `Authorization` value itself.
 * @returns subject, scopes as a set, session and all claims; times are seconds since the epoch.
 * @throws {@link MissingTokenError} (401) no bearer credential was sent; another scheme is none.
 * @throws {@link InvalidRequestError} (400) the credential is malformed, or there are several.
 * @throws {@link OriginRefusedError} (403) the credential is in a cookie, and the request comes from a page that may not
 * use it: see {@link TokenTransports}. Requests that change nothing are not checked for this.
 * @throws {@link InvalidTokenError} (401) a check failed: `code` for programs, `check` for the log.
 * @throws {@link SessionRevokedError} (401) `isRevoked` answered true.
 * @throws {@link TemporarilyUnavailableError} (503) a hook or the clock failed, so nothing could be judged.
 * @see RFC 6750 §2, RFC 9068 §4
 */
declare function verifyBearer(
  verifier: TokenVerifier,
  request: BearerSource,
): Promise<VerifiedToken>;

/** Who signs in, and to what. */
interface LoginGrant {
  /**
   * Written as `sub`: the stable id of the account. Well-formed text of at most 1 024 characters; together with the scope
   * at most 4 096 bytes as JSON.
   */
  readonly subject: string;
  /** What is granted, for the whole session: `'a b'` or `['a', 'b']`. */
  readonly scope?: string | readonly string[] | undefined;
  /** Words about the session for `listSessions`, a device name for example: JSON, at most 4 096 characters of it. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}
/**
 * Starts a session for a subject whose identity has been proved, and issues its first token pair.
 *
 * Nothing is stored unless the `claims` hook agrees and the access token is signed.
 *
 * @throws {@link AccessDeniedError} (403) the `claims` hook answered `false`.
 * @throws {@link SessionLimitError} (403) the subject is at `maxSessions` and the policy is `'reject'`.
 * @throws {@link StoreFullError}, {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503).
 * @throws {@link TokenTooLargeError} (500) the `claims` hook answered more than fits into an access token.
 * @throws TypeError the grant is not what its types say, or has an unknown member; nothing is stored.
 */
declare function issueTokenPair(tokens: IssuingContext, grant: LoginGrant): Promise<TokenPair>;

interface RefreshOptions {
  /** The access token of the pair, expired or not, as further evidence. */
  readonly accessToken?: string | undefined;
  /** Less scope for the next access token than the session was granted; the session keeps it all. RFC 6749 §6 */
  readonly scope?: string | undefined;
}
/**
 * Exchanges a refresh token for the next token pair.
 *
 * A session rotates at most once per settle time, which is twice the reuse interval. A refresh before that answers a new
 * access token and the refresh token that was presented (`refreshTokenChanged` is false). Of any number of calls with one
 * token exactly one rotates; the others get the identical refresh token, within the reuse interval. A spent token that
 * comes after the settle time, or is older, ends its session and no other. What was in order when a call began is never
 * taken for theft, however slow a hook is. A call that fails with 503 has spent nothing, unless the store's answer was
 * lost: repeat it with the same token, inside the interval.
 *
 * Checks the tag before the store is asked; generation and secret against the record; both lifetimes by the store's
 * clock; the access token's signature, `iss`, `aud`, `sub` and `sid` when it is sent along, not its times. An access token
 * whose `kid` is not among the keys, or no longer is, counts as absent.
 *
 * @param refreshToken - as the client sent it; anything but a string is refused.
 * @throws {@link MissingRefreshTokenError} (401) there is none.
 * @throws {@link InvalidRefreshTokenError} (401) it is forged, unknown, expired, revoked or reused, or its subject was
 * denied.
 * @throws {@link RefreshPendingError} (503) it was spent a moment ago; nothing happened. Repeat after `Retry-After`.
 * @throws {@link TokenPairMismatchError} (401) the access token is not of this session; nothing was spent.
 * @throws {@link ScopeNotGrantedError} (400) more scope was asked for than was granted; nothing was spent.
 * @throws {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503) store or hook failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook answered more than fits into an access token; nothing was spent.
 * @throws TypeError `options` has an unknown member, `access_token` for example; nothing was spent.
 */
declare function refreshTokenPair(
  tokens: IssuingContext,
  refreshToken: string | null | undefined,
  options?: RefreshOptions,
): Promise<TokenPair>;

/** Which session to end: the one that a refresh token belongs to, or the one of this id. */
type SessionReference =
  | {
      readonly refreshToken: string | undefined;
      readonly sessionId?: undefined;
    }
  | {
      readonly sessionId: string;
      readonly refreshToken?: undefined;
    };
/**
 * Ends one session: no further access token is issued for it. Those that are out stay valid until they expire, unless
 * `isRevoked` says otherwise. Idempotent.
 *
 * Any refresh token that the session really had will do, also a spent one, unless the key that sealed it is gone; an
 * access token is not needed. A forged one ends nothing. Whoever calls with a session id has already checked whose it is.
 *
 * @returns whether this call ended a session: false for an unknown one, or when another call came first.
 * @throws {@link StoreUnavailableError} (503) the session may still live: repeat the call.
 * @throws TypeError both were given, or the reference has another member.
 * @throws {@link MissingRefreshTokenError} (401) neither a refresh token nor a session id was given.
 */
declare function revokeSession(
  tokens: IssuingContext,
  reference: SessionReference,
): Promise<boolean>;
/**
 * Ends all sessions of a subject, or all but one: after a change of password, say. Wins against refreshes under way.
 *
 * @returns the ids of the sessions that this call ended.
 * @throws {@link StoreUnavailableError} (503) sessions may still live: repeat the call.
 * @throws TypeError the subject is no well-formed text of 1 to 1 024 characters, or `options` has an unknown member.
 */
declare function revokeSubject(
  tokens: IssuingContext,
  subject: string,
  options?: {
    readonly except?: string | undefined;
  },
): Promise<readonly string[]>;

/** A live session. Instants are milliseconds since the epoch, by the store's clock. */
interface SessionInfo {
  readonly sessionId: string;
  readonly subject: string;
  /** The scope that was granted at login, space-delimited. */
  readonly scope: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  /** The login, or the last refresh since. */
  readonly refreshedAt: number;
  /** When the session ends if it is not refreshed before. */
  readonly idleAt: number;
  /** When it ends in any case. */
  readonly expiresAt: number;
}
/**
 * Lists the live sessions of a subject, the most recently refreshed first.
 *
 * @throws {@link StoreUnavailableError} (503).
 * @throws TypeError the subject is no well-formed text of 1 to 1 024 characters.
 */
declare function listSessions(
  tokens: IssuingContext,
  subject: string,
): Promise<readonly SessionInfo[]>;

/** One key, in any form that key options take. A secret has at least 32 bytes. */
type KeyToName =
  | {
      readonly publicKey: AsymmetricKeyMaterial;
    }
  | {
      readonly privateKey: AsymmetricKeyMaterial;
    }
  | {
      readonly secret: SecretMaterial;
    };
/**
 * The thumbprint of a key, by which a key is named whose options have no `kid`. A private key and its public half have the
 * same. Size, curve and algorithm are not judged here.
 *
 * @returns SHA-256 in base64url, 43 characters.
 * @throws TypeError naming the option that is wrong, or that holds a key for which there is no JWK.
 * @see RFC 7638 §3, RFC 8037 §2
 */
declare function keyThumbprint(key: KeyToName): string;

/** How a document is asked for. */
interface FetchOptions {
  /**
   * Request headers, such as one that authenticates this server. `Accept-Encoding` stays ours.
   * @defaultValue none but `Accept`
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Certificate authorities as PEM text that are trusted *instead of* those that Node knows: for an endpoint behind a
   * private one. @defaultValue those that Node knows
   */
  readonly ca?: string | readonly string[] | undefined;
  /**
   * Node's `http.Agent` or `https.Agent`, for a proxy. Over TLS nothing is sent before the server's certificate has been
   * verified for the host in the URL, whatever the agent's `rejectUnauthorized`, `checkServerIdentity` and `servername`
   * say. A connection that resumes a TLS session is refused: Node's own agents are asked for a full handshake, an agent
   * that keeps sessions by itself must make one. @defaultValue a new connection for each load
   */
  readonly agent?: Agent | undefined;
}

/** How keys that are loaded are kept. */
interface KeyRefreshOptions {
  /**
   * Age at which the keys are loaded again: 1 second to 1 day. Keys at hand go on being used meanwhile; only after a
   * rest of twice this time does the next request wait for the load, so that a key that went long ago is not taken.
   * @defaultValue `'10m'` (10 minutes)
   */
  readonly refreshInterval?: Duration | undefined;
  /**
   * Least time from the start of one load to the start of the next while there are keys to use: 1 second to
   * `refreshInterval`. It keeps unknown `kid`s from driving loads, and is how long a key may take to be found that signs
   * as soon as it is published. Without a usable key the next load may start 2 seconds after one that failed.
   * @defaultValue 30 (seconds), or `refreshInterval` when that is shorter
   */
  readonly cooldown?: Duration | undefined;
  /**
   * How long past `refreshInterval` the last good keys are used while loading fails: 0 to 7 days. Longer outlives longer
   * outages; a key that is withdrawn during one is accepted until its end. After that: 503.
   * @defaultValue `'1h'` (1 hour)
   */
  readonly staleFor?: Duration | undefined;
  /** How long one load may take, all in all: 0.01 to 60 seconds. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /** Hears of every load that failed, with its cause. */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds. A step back does no harm. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Options of {@link remoteKeySet}, `discoveredKeySet` and `discover`. */
interface RemoteKeySetOptions extends KeyRefreshOptions, FetchOptions {
  /**
   * Algorithms that the keys may be for, asymmetric ones only. The order counts for a key that does not say its own
   * (`alg`): it is for the first that fits it, and for no other.
   * @defaultValue RS256, which OpenID Connect makes every issuer speak; then RS384, RS512, PS256, PS384, PS512, ES256,
   * ES384, ES512, EdDSA, Ed25519
   */
  readonly algorithms?: readonly Algorithm[] | undefined;
}
/**
 * The key set at a URL, for the option `keys` of a verifier. Nothing is fetched before a key is first asked for.
 *
 * What is fetched: https with a certificate that is verified before anything is sent (http from a loopback host only),
 * status 200, no redirect, at most 512 KB of JSON with at most 100 keys. What is used of it: asymmetric public keys that have a `kid` and are, by `use`,
 * `key_ops` and `alg`, for one of `algorithms`. Left out: shared secrets (`kty: oct`), private keys, and a `kid` that
 * stands for two different keys. A set without one usable key is a load that failed.
 *
 * The whole set is kept as the options say. While loading fails the last good set stays in use for `staleFor`; then,
 * and while there has been none yet, requests get 503 `temporarily_unavailable` with what went wrong as `cause`.
 *
 * @throws TypeError naming the option that is wrong.
 * @see RFC 7517 §5, RFC 8725 §3.1
 */
declare function remoteKeySet(url: string | URL, options?: RemoteKeySetOptions): KeySource;

/** What an issuer says of itself. */
interface Discovery {
  /** As given, and word for word as the issuer writes itself: the option `issuer` of a verifier. */
  readonly issuer: string;
  /** The issuer's key set: the option `keys` of a verifier. */
  readonly keys: KeySource;
  /** The whole document, frozen. Only its `issuer` and `jwks_uri` have been looked at. */
  readonly metadata: Readonly<Record<string, unknown>>;
}
/**
 * Asks an issuer where its keys are, once, now: for a server that should not start unless its issuer is right and there.
 * {@link discoveredKeySet} asks when the first token comes, and again with every load.
 *
 * Looks for the OpenID Connect document (`<issuer>/.well-known/openid-configuration`), then for that of RFC 8414
 * (`/.well-known/oauth-authorization-server`, before the issuer's path). Both are fetched as {@link remoteKeySet} fetches, and
 * `jwks_uri` must be a URL that it takes: https, for an issuer that is on https.
 *
 * @param issuer - word for word what stands in `iss`; a slash at the end counts.
 * @param options - those of the key set; `deadline` is also for this call. `headers` go to the issuer's own host only.
 * @throws TypeError an option is wrong, or the document is of another issuer or names no key set that could be used.
 * @throws {@link TemporarilyUnavailableError} (503) neither document could be had; why is its `cause`.
 */
declare function discover(issuer: string, options?: RemoteKeySetOptions): Promise<Discovery>;
/**
 * The key set of an issuer, for the option `keys` of a verifier: found when a key is first asked for, so that a server
 * starts without the network. Each load reads the issuer's metadata again and follows where it points, so it is two
 * requests; the rules are those of {@link discover} and {@link remoteKeySet}. Whatever is wrong with the metadata is a load
 * that failed.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare function discoveredKeySet(issuer: string, options?: RemoteKeySetOptions): KeySource;

/** Answers all keys there are now. What it does may stop when the signal is aborted: its answer is too late then. */
type LoadKeys = (signal: AbortSignal) => Promise<readonly VerificationKeyOptions[]>;
/**
 * Keys from a function of the application, for the option `keys` of a verifier. It is called when a key is first
 * asked for, then as the options say; never twice at a time.
 *
 * Its answer is checked like an array of keys that is given at once. A wrong one (no key at all, two of one `kid`, a private
 * key) is a load that failed, as is a rejection: the last good keys stay in use for `staleFor`, then requests get 503.
 * A key that is not answered any more is refused from then on.
 *
 * @throws TypeError naming the option that is wrong. Nothing is loaded yet.
 */
declare function loadedKeySet(load: LoadKeys, options?: KeyRefreshOptions): KeySource;

interface MemorySessionStoreOptions {
  /** Sessions of all subjects together; one more is refused with 503 `store_full`. @defaultValue 100 000 */
  readonly capacity?: number;
  /** How often sessions that are over are removed. @defaultValue `'1m'` (1 minute) */
  readonly sweepInterval?: Duration;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock;
}
/**
 * Sessions in the memory of this process: lost when it ends and unknown to every other one. For development, tests
 * and single-process services; it says so once, as a process warning, in production and under a cluster.
 */
declare class MemorySessionStore implements SessionStore {
  #private;
  /** @throws TypeError naming the option that is wrong. */
  constructor(options?: MemorySessionStoreOptions);
  create(session: NewSession, { max, onLimit }: SessionLimit): Promise<CreateResult>;
  rotate(
    sessionId: string,
    expect: ExpectedGeneration,
    next: NextGeneration,
  ): Promise<RotateResult>;
  get(sessionId: string): Promise<SessionSnapshot | undefined>;
  revoke(sessionId: string): Promise<boolean>;
  revokeSubject(subject: string, except?: string): Promise<readonly string[]>;
  list(subject: string): Promise<readonly SessionSnapshot[]>;
  /** Ends the sweep and forgets every session. */
  close(): Promise<void>;
}

/**
 * Where the sessions of a subject live: 16 characters of base64url, the same for every session of the subject.
 *
 * @throws TypeError the subject has a lone surrogate: its UTF-8 form, of which this is a hash, is that of another text too.
 */
declare function subjectTag(subject: string): string;
/** The subject tag that a session id begins with. */
declare function subjectTagOf(sessionId: string): string;

/** The promise's own outcome, or a rejection once `milliseconds` have passed. What comes later is ignored. */
declare function withDeadline<T>(promise: PromiseLike<T>, milliseconds: number): Promise<T>;

export {
  AccessDeniedError,
  AuthError,
  ClaimRefusedError,
  InsufficientScopeError,
  InvalidClientError,
  InvalidRefreshTokenError,
  InvalidRequestError,
  InvalidTokenError,
  MemorySessionStore,
  MissingRefreshTokenError,
  MissingTokenError,
  OriginRefusedError,
  RefreshPendingError,
  ScopeNotGrantedError,
  SessionLimitError,
  SessionRevokedError,
  StoreFullError,
  StoreUnavailableError,
  TemporarilyUnavailableError,
  TokenPairMismatchError,
  TokenTooLargeError,
  checkOptions,
  createProtectedResource,
  createRequestAuthenticator,
  createRouteGuards,
  createTokenEndpoints,
  createTokenIssuer,
  createTokenVerifier,
  discover,
  discoveredKeySet,
  guardAnyScope,
  guardCheck,
  guardClaim,
  guardScopes,
  isAuthError,
  issueTokenPair,
  keyThumbprint,
  listSessions,
  loadedKeySet,
  problemResponse,
  refreshTokenPair,
  remoteKeySet,
  requireScopes,
  revokeSession,
  revokeSubject,
  subjectTag,
  subjectTagOf,
  toSeconds,
  tokenErrorResponse,
  tokenResponse,
  verifyBearer,
  withDeadline,
};
export type {
  AcceptedIssuer,
  AcceptedIssuerOptions,
  AccessTokenClaims,
  Algorithm,
  AsymmetricKeyMaterial,
  AuthAction,
  AuthErrorCode,
  AuthenticationOptions,
  BearerRequest,
  BearerSource,
  ClaimValue,
  ClaimsAnswer,
  ClaimsContext,
  ClaimsHook,
  ClientAuthentication,
  ClientCredentials,
  Clock,
  CreateResult,
  Discovery,
  Duration,
  EndpointRequest,
  EventListener,
  ExpectedGeneration,
  FetchOptions,
  FetchRequest,
  Guard,
  HookFailedEvent,
  HttpResponse,
  IssuingContext,
  IssuingOptions,
  Jwk,
  JwkWithAlgorithm,
  KeyDescription,
  KeyRefreshOptions,
  KeySource,
  KeyState,
  KeyStateOptions,
  KeyToName,
  KeysUnavailableEvent,
  LoadKeys,
  LoginGrant,
  MemorySessionStoreOptions,
  Millis,
  NewSession,
  NextGeneration,
  NodeRequest,
  OneIssuerOptions,
  PrivateKeyOptions,
  ProtectedResource,
  ProtectedResourceOptions,
  ProtectionSpace,
  ProtectionSpaceOptions,
  PublicKeyOptions,
  RefreshCookieOptions,
  RefreshForgedEvent,
  RefreshKeyOptions,
  RefreshOptions,
  RefreshPendingEvent,
  RefreshReusedEvent,
  RemoteKeySetOptions,
  RequestAuthenticator,
  RotateResult,
  RouteGuards,
  ScopeList,
  SecretKeyOptions,
  SecretMaterial,
  ServerRequest,
  SessionEvictedEvent,
  SessionInfo,
  SessionIssuedEvent,
  SessionLimit,
  SessionRecord,
  SessionReference,
  SessionRefreshedEvent,
  SessionRevokedEvent,
  SessionRolledBackEvent,
  SessionSnapshot,
  SessionStore,
  SeveralIssuersOptions,
  SigningKeyOptions,
  StoreUnavailableEvent,
  TokenCacheOptions,
  TokenCheck,
  TokenEndpointOptions,
  TokenEndpoints,
  TokenIssuer,
  TokenIssuerOptions,
  TokenPair,
  TokenResponse,
  TokenTransports,
  TokenVerifier,
  TokenVerifierOptions,
  TokenpairEvent,
  TransportName,
  VerificationKeyOptions,
  VerificationOptions,
  VerificationRefusedEvent,
  VerifiedToken,
};
