import * as http from 'node:http';
import { IncomingMessage, ServerResponse } from 'node:http';
import { KeyObject } from 'node:crypto';

/** The protected area that a challenge names. */
interface ProtectionSpace {
  /** Name of the protected area. RFC 9110 §11.5 */
  readonly realm: string;
  /** URL of the resource's metadata document, if it has one. RFC 9728 §5.1 */
  readonly resourceMetadata?: string;
}
/** Options that name the protected area. */
interface ProtectionSpaceOptions {
  /** Name of the protected area in every challenge. Printable ASCII without `"` and `\`. @defaultValue `'api'` */
  readonly realm?: string | undefined;
  /** Absolute URL of the resource's metadata document, repeated in every challenge. RFC 9728 §5.1 */
  readonly resourceMetadata?: string | undefined;
}

/**
 * What a client does next: refresh the access token, sign in again, wait and repeat, change the request, or let the user prove
 * again who they are and keep everything. A client treats an action that it does not know as `fix`.
 */
type AuthAction = 'refresh' | 'login' | 'retry' | 'fix' | 'reauthenticate';
/** Every error by its `code`. */
declare const errorTable: {
  readonly token_missing: {
    readonly answer: {
      readonly status: 401;
      readonly action: 'login';
      readonly challenge: 'bare';
    };
    readonly description: 'No bearer access token was sent.';
    readonly when: 'The request has no bearer credential. A credential of another scheme (`Basic`, `DPoP`, …) does not count.';
    readonly todo: 'Client: send `Authorization: Bearer <access token>`, or sign in. Developer: the token must be in the header unless `transports` names another place. When a token is in the URL, in another header, in a cookie or behind another scheme, the event `verification.refused` says so in `hint`.';
  };
  readonly request_malformed: {
    readonly answer: {
      readonly status: 400;
      readonly error: 'invalid_request';
      readonly action: 'fix';
      readonly challenge: 'full';
    };
    readonly description: 'The request is malformed, or carries a credential more than once.';
    readonly when: 'The credential does not have the form `Bearer <token>`, or was sent twice or in two places. Or a body or a parameter cannot be read.';
    readonly todo: 'Client: send one credential, and each parameter once. Developer: a middleware that reads a body must leave it in `req.body` (`ctx.request.body`). `error.cause`, if present, says what was wrong.';
  };
  readonly refresh_token_misplaced: {
    readonly answer: {
      readonly status: 400;
      readonly error: 'invalid_request';
      readonly action: 'fix';
    };
    readonly description: 'The refresh token is taken from the cookie here, not from the body.';
    readonly when: "A request to a mount with `transport: 'cookie'` has a `refresh_token` in its body.";
    readonly todo: "Client: leave `refresh_token` out of the body and send the cookie (`credentials: 'include'`). Developer: for clients without cookies use `transport: 'auto'` or `'body'`.";
  };
  readonly token_expired: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_token';
      readonly action: 'refresh';
      readonly challenge: 'full';
    };
    readonly description: 'The access token has expired.';
    readonly when: 'The access token has a valid signature and has expired.';
    readonly todo: 'Client: refresh once, then repeat the request.';
  };
  readonly token_not_active: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_token';
      readonly action: 'retry';
      readonly challenge: 'full';
    };
    readonly description: 'The access token is not active yet.';
    readonly when: 'The access token has a valid signature, and its `nbf` is in the future.';
    readonly todo: 'Client: wait as long as `Retry-After` says, then repeat the request. Developer: compare the clocks of the servers; `clockTolerance` allows up to 300 seconds.';
  };
  readonly token_invalid: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_token';
      readonly action: 'login';
      readonly challenge: 'full';
    };
    readonly description: 'The access token is not valid here.';
    readonly when: 'Another check of the access token failed: shape, algorithm, signature, type, issuer, audience or another claim. A token without a `kid` gets this code too if several keys are for its algorithm.';
    readonly todo: 'Client: sign in. Developer: `error.check` and the event `verification.refused` name the check.';
  };
  readonly token_key_unknown: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_token';
      readonly action: 'refresh';
      readonly challenge: 'full';
    };
    readonly description: 'The key of the access token is not known here.';
    readonly when: 'The access token names a key (`kid`) that this server does not have, or no longer has. The usual reason is a change of keys.';
    readonly todo: 'Client: refresh once, then repeat the request. If the request is refused again, sign in. Developer: keep a retiring key until the time that `describeKeys()` names.';
  };
  readonly token_too_long: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_token';
      readonly action: 'fix';
      readonly challenge: 'full';
    };
    readonly description: 'The access token is longer than this server accepts.';
    readonly when: 'The access token is longer than `maxTokenBytes`, 8 192 bytes by default. No part of it was read.';
    readonly todo: 'Client: get a token with fewer claims; a new one of the same kind is refused again. Developer: let the issuer write fewer claims, or raise `maxTokenBytes` and the header limits of the server and its proxies (`--max-http-header-size` of Node).';
  };
  readonly claims_stale: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_token';
      readonly action: 'refresh';
      readonly challenge: 'full';
    };
    readonly description: 'The claims of this access token may be out of date.';
    readonly when: 'The claims of the access token may be older than a change that the issuer has announced, of a role for example. Or this server may have missed an announcement.';
    readonly todo: 'Client: refresh once, then repeat the request. Developer: see [revocation](revocation.md).';
  };
  readonly session_revoked: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_token';
      readonly action: 'login';
      readonly challenge: 'full';
    };
    readonly description: 'The session of this access token has ended.';
    readonly when: 'The session of the access token has ended: the revocation log says so, `isRevoked` answered true, or a session endpoint did not find the session.';
    readonly todo: 'Client: sign in.';
  };
  readonly authentication_insufficient: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'insufficient_user_authentication';
      readonly action: 'reauthenticate';
      readonly challenge: 'full';
    };
    readonly description: 'A more recent or a stronger authentication is required.';
    readonly when: 'A guard requires that the user proved who they are more recently (`max_age` in the challenge, in seconds) or at another level (`acr_values`) than the access token says.';
    readonly todo: 'Client: let the user authenticate again, and keep the session and its tokens. Developer: when the proof is checked, answer with the pair of `reauthenticated(tokens, session, authentication)`.';
  };
  readonly scope_insufficient: {
    readonly answer: {
      readonly status: 403;
      readonly error: 'insufficient_scope';
      readonly action: 'fix';
      readonly challenge: 'full';
    };
    readonly description: 'The access token lacks a scope that this request needs.';
    readonly when: 'A guard requires a scope that the access token does not have. The challenge names the scope.';
    readonly todo: 'Client: get an access token with that scope, or do not offer the action. Developer: the event `request.refused` has the scope and the subject.';
  };
  readonly claim_refused: {
    readonly answer: {
      readonly status: 403;
      readonly error: 'insufficient_scope';
      readonly action: 'fix';
      readonly challenge: 'full';
    };
    readonly description: 'The access token does not carry what this request needs.';
    readonly when: 'A guard requires a claim that the access token does not have, or a check of the application answered false.';
    readonly todo: 'Client: do not offer the action to this user.';
  };
  readonly refresh_token_missing: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_grant';
      readonly action: 'login';
      readonly challenge: 'bare';
    };
    readonly oauthStatus: 400;
    readonly oauthError: 'invalid_request';
    readonly description: 'No refresh token was sent.';
    readonly when: 'A refresh or a logout has no refresh token.';
    readonly todo: 'Client: sign in. Developer: browsers do not store a `Secure` cookie over plain http, except for `localhost`: see [plain http](cookies.md#plain-http-and-names-in-a-local-network). The event `refresh.refused` (of a logout `request.refused`) says in `hint` where else a token was, or what may be the reason.';
  };
  readonly refresh_token_invalid: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_grant';
      readonly action: 'login';
      readonly challenge: 'bare';
    };
    readonly oauthStatus: 400;
    readonly description: 'The refresh token is not valid.';
    readonly when: 'The refresh token is forged, unknown, expired, revoked, or was used before, belongs to another OAuth client, or the `claims` hook answered `false`. The client does not learn which.';
    readonly todo: 'Client: sign in. Developer: the event `refresh.refused` has the reason, and in `hint` the probable mistake; `refresh.reused`, `refresh.forged_with_valid_tag`, `refresh.unverifiable` and `session.rolled_back` say more about the serious ones.';
  };
  readonly refresh_pending: {
    readonly answer: {
      readonly status: 503;
      readonly error: 'temporarily_unavailable';
      readonly action: 'retry';
      readonly retryAfter: 60;
    };
    readonly description: 'The refresh token was used a moment ago. Repeat the request later.';
    readonly when: 'The refresh token was spent longer ago than the reuse interval, and the settle time has not passed yet. Or the session rotated while a hook was slow, or the store has lost a write. The session did not change.';
    readonly todo: 'Client: wait as long as `Retry-After` says, then refresh with the refresh token that is in the storage or the cookie then.';
  };
  readonly token_pair_mismatch: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_grant';
      readonly action: 'login';
      readonly challenge: 'bare';
    };
    readonly oauthStatus: 400;
    readonly description: 'The access token does not belong to the refresh token.';
    readonly when: 'The access token that was sent with the refresh token does not belong to the same session. Or `requireAccessToken` is set and no access token was sent; one whose key is not known counts as not sent.';
    readonly todo: 'Client: sign in. Send two tokens of one session.';
  };
  readonly scope_not_granted: {
    readonly answer: {
      readonly status: 400;
      readonly error: 'invalid_scope';
      readonly action: 'fix';
    };
    readonly description: 'The scope asked for exceeds the scope that was granted.';
    readonly when: 'A refresh asks for a scope that the login did not grant.';
    readonly todo: 'Client: ask for fewer scopes, or leave `scope` out.';
  };
  readonly access_denied: {
    readonly answer: {
      readonly status: 403;
      readonly error: 'access_denied';
      readonly action: 'fix';
    };
    readonly description: 'This account may not sign in.';
    readonly when: 'The `claims` hook answered `false` at login.';
    readonly todo: 'Client: tell the user that the account may not sign in.';
  };
  readonly origin_refused: {
    readonly answer: {
      readonly status: 403;
      readonly error: 'invalid_request';
      readonly action: 'fix';
    };
    readonly description: 'The request comes from an origin that is not allowed.';
    readonly when: "A request with a token in a cookie came from a page whose origin is neither the server's own nor one of `allowedOrigins`.";
    readonly todo: 'Developer: the event (`refresh.refused`, `request.refused` or `verification.refused`) has the `origin`. Name it in `allowedOrigins` if the page may use the cookie. In a program that sends neither `Origin` nor `Sec-Fetch-Site`, send an `X-Requested-With` header.';
  };
  readonly client_invalid: {
    readonly answer: {
      readonly status: 401;
      readonly error: 'invalid_client';
      readonly action: 'fix';
    };
    readonly description: 'The client could not be authenticated.';
    readonly when: '`authenticateClient` did not accept the client of a request to `/token` or `/revoke`.';
    readonly todo: 'Client: check the client ID and the client secret.';
  };
  readonly grant_type_unsupported: {
    readonly answer: {
      readonly status: 400;
      readonly error: 'unsupported_grant_type';
      readonly action: 'fix';
    };
    readonly description: 'The grant type is not supported here.';
    readonly when: 'The `grant_type` of a request to `/token` is not `refresh_token`.';
    readonly todo: "Client: sign in at the application's login route.";
  };
  readonly method_not_allowed: {
    readonly answer: {
      readonly status: 405;
      readonly error: 'invalid_request';
      readonly action: 'fix';
    };
    readonly description: 'The method is not allowed here.';
    readonly when: 'The endpoint does not accept this method.';
    readonly todo: 'Client: use a method that the `Allow` header names.';
  };
  readonly request_timeout: {
    readonly answer: {
      readonly status: 408;
      readonly error: 'invalid_request';
      readonly action: 'retry';
      readonly retryAfter: 1;
    };
    readonly description: 'The body of the request did not arrive in time.';
    readonly when: 'The body of the request did not arrive within the deadline.';
    readonly todo: 'Client: wait as long as `Retry-After` says, then send the request again.';
  };
  readonly request_too_large: {
    readonly answer: {
      readonly status: 413;
      readonly error: 'invalid_request';
      readonly action: 'fix';
    };
    readonly description: 'The body of the request is too large.';
    readonly when: 'The body of the request is larger than 8 192 bytes.';
    readonly todo: 'Client: send only the parameters of the endpoint.';
  };
  readonly media_type_unsupported: {
    readonly answer: {
      readonly status: 415;
      readonly error: 'invalid_request';
      readonly action: 'fix';
    };
    readonly description: 'The body must be JSON or a URL-encoded form, not compressed.';
    readonly oauthDescription: 'The body must be a URL-encoded form, not compressed.';
    readonly when: 'The body of the request is neither JSON nor a URL-encoded form, or it is compressed. `/token` and `/revoke` accept forms only.';
    readonly todo: 'Client: set `Content-Type` to a type that the `Accept` header of the answer names: `application/x-www-form-urlencoded`, or `application/json` at the other endpoints. Developer: the event says in `hint` what the body looked like.';
  };
  readonly token_too_large: {
    readonly answer: {
      readonly status: 500;
      readonly error: 'server_error';
      readonly action: 'fix';
    };
    readonly description: 'The access token would be larger than servers accept.';
    readonly when: 'The `claims` hook answered more claims than fit into an access token of 8 192 characters; behind `pages`, into a cookie of 3 800. Nothing was stored or spent.';
    readonly todo: 'Developer: answer fewer or shorter claims, an ID instead of a list for example. `error.cause` and the event `hook.failed` say how long the token would be, and which claims are the largest.';
  };
  readonly temporarily_unavailable: {
    readonly answer: {
      readonly status: 503;
      readonly error: 'temporarily_unavailable';
      readonly action: 'retry';
      readonly retryAfter: 2;
    };
    readonly description: 'The request could not be checked just now.';
    readonly when: 'The store, a key set, a hook, the revocation log or the clock failed or was too slow. The answer does not mean that a token is bad.';
    readonly todo: 'Client: wait as long as `Retry-After` says, then send the same request again. Developer: `error.cause` and the events `store.unavailable`, `keys.unavailable`, `hook.failed` and `revocations.behind` say what failed.';
  };
  readonly store_full: {
    readonly answer: {
      readonly status: 503;
      readonly error: 'temporarily_unavailable';
      readonly action: 'retry';
      readonly retryAfter: 60;
    };
    readonly description: 'No further session can be kept just now.';
    readonly when: 'The session store has no room for another session. It never ends a live session to make room.';
    readonly todo: 'Client: try again later. Developer: increase `capacity`, or the memory of Redis.';
  };
  readonly session_limit: {
    readonly answer: {
      readonly status: 403;
      readonly error: 'access_denied';
      readonly action: 'fix';
    };
    readonly description: 'This account has as many sessions as it may have.';
    readonly when: "The subject has `maxSessions` sessions, and `onSessionLimit` is `'reject'`.";
    readonly todo: 'Client: let the user end another session first.';
  };
};
/** Stable codes for programs. */
type AuthErrorCode = keyof typeof errorTable;

interface AuthErrorDetails {
  /** The protected area, for the challenge. Without it the answer has no challenge. */
  readonly space?: ProtectionSpace;
  /** The scope that a guard requires, for the challenge. */
  readonly scope?: string;
  /** Seconds since the last authentication that a guard allows, for the challenge. */
  readonly maxAge?: number | undefined;
  /** The levels of which a guard requires one, for the challenge. */
  readonly acrValues?: readonly string[];
  /** What failed, for logs. It is never part of an answer. */
  readonly cause?: unknown;
  /** Response headers in addition to those of the error table. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
}
/**
 * An error that tokenpair throws on purpose. The error handlers of Express and Koa use its `status`, `headers` and
 * `expose`, those of NestJS and Fastify its `statusCode`.
 *
 * The message and the properties contain no token, no key and no text from either. Only `cause`, for logs, has what failed.
 * A 401 has no stack frames: any client can cause many of them, and `code` names the reason.
 */
declare class AuthError extends Error {
  readonly code: AuthErrorCode;
  /** HTTP status. */
  readonly status: number;
  /** The same as `status`, under the name that NestJS, Fastify and others read. */
  readonly statusCode: number;
  /** The OAuth error code, less exact than `code`; `undefined` for `token_missing`. RFC 6750 §3.1, RFC 6749 §5.2 */
  readonly error: string | undefined;
  /** What the client must do next. */
  readonly action: AuthAction;
  /** Clients may see the message: it is fixed text from the error table. */
  readonly expose: true;
  /** Response headers of this error, with names like `WWW-Authenticate`. Only `Set-Cookie` can be an array. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** @throws TypeError `details` is not a plain object or has an unknown member. */
  constructor(code: AuthErrorCode, details?: AuthErrorDetails);
}
/** Whether a value is an error of tokenpair, also one of another version of the package. */
declare function isAuthError(value: unknown): value is AuthError;

/**
 * The exact check that an access token failed. For logs and events; never on the wire. `'kid'`: the token names no key, and
 * the issuer has several of its algorithm. `'size'`: the token is longer than `maxTokenBytes`.
 * `'claims'`: the claims do not fit the schema in the option `claims`. `'rev'`: it is no position in a revocation log. `'stale'`: the
 * claims may be older than a change that was announced.
 */
type TokenCheck =
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
declare class MissingTokenError extends AuthError {
  constructor(space: ProtectionSpace);
}
/** The request is wrong (4xx): malformed, several credentials, wrong method, media type or size, or its body came too late. */
declare class InvalidRequestError extends AuthError {
  constructor(
    code?:
      | 'request_malformed'
      | 'refresh_token_misplaced'
      | 'method_not_allowed'
      | 'request_timeout'
      | 'request_too_large'
      | 'media_type_unsupported'
      | 'grant_type_unsupported',
    details?: Pick<AuthErrorDetails, 'space' | 'headers' | 'cause'>,
  );
}
/**
 * The access token was refused (401). `code` says whether it has expired (`token_expired`), is not active yet
 * (`token_not_active`), names a key that the verifier does not have (`token_key_unknown`), is longer than the verifier
 * accepts (`token_too_long`), or failed another check (`token_invalid`).
 */
declare class InvalidTokenError extends AuthError {
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
  );
}
/** The session of the access token has ended (401, `session_revoked`). */
declare class SessionRevokedError extends AuthError {
  readonly check: TokenCheck;
  constructor(space: ProtectionSpace);
}
/** The claims of the access token may be older than a change that was announced (401, `claims_stale`). A refresh brings new ones. */
declare class ClaimsStaleError extends AuthError {
  readonly check: TokenCheck;
  constructor(space: ProtectionSpace);
}
/**
 * The user proved who they are too long ago, or not at the level that a guard requires (401, `authentication_insufficient`). They
 * authenticate again, and keep the session and its tokens. RFC 9470 §3
 */
declare class InsufficientAuthenticationError extends AuthError {
  /** Seconds: `max_age` in the challenge. `undefined` when the time does not matter. */
  readonly maxAge: number | undefined;
  /** The levels of which one is required: `acr_values` in the challenge. Empty when the level does not matter. */
  readonly acrValues: readonly string[];
  constructor(space: ProtectionSpace, maxAge: number | undefined, acrValues: readonly string[]);
}
/** A valid access token does not have a scope that a guard requires (403, `scope_insufficient`). */
declare class InsufficientScopeError extends AuthError {
  /** The scopes that the guard requires, space-delimited. */
  readonly scope: string;
  constructor(scope: string, space: ProtectionSpace);
}
/** A valid access token fails a claim guard or a check of the application (403, `claim_refused`). */
declare class ClaimRefusedError extends AuthError {
  constructor(space: ProtectionSpace);
}
/** A refresh or a logout has no refresh token (401, `refresh_token_missing`). */
declare class MissingRefreshTokenError extends AuthError {
  constructor(space: ProtectionSpace);
}
/**
 * The refresh token was refused (401, `refresh_token_invalid`): it is forged, unknown, expired, revoked or reused, or the
 * `claims` hook denied its subject. The client does not learn which. Reuse, a leaked refresh key, a store that lost a write and a
 * denied subject emit events.
 */
declare class InvalidRefreshTokenError extends AuthError {
  constructor(space: ProtectionSpace);
}
/**
 * The access token at a refresh does not belong to the session of the refresh token, or it is required and was not sent (401,
 * `token_pair_mismatch`).
 */
declare class TokenPairMismatchError extends AuthError {
  constructor(space: ProtectionSpace);
}
/** A refresh asked for a scope that the login did not grant (400, `scope_not_granted`). */
declare class ScopeNotGrantedError extends AuthError {
  constructor();
}
/** The `claims` hook denied the subject at login (403, `access_denied`). */
declare class AccessDeniedError extends AuthError {
  constructor();
}
/** A request with a cookie comes from a page of an origin that is not allowed (403, `origin_refused`). */
declare class OriginRefusedError extends AuthError {
  constructor();
}
/** `authenticateClient` did not accept the OAuth client (401, `client_invalid`). RFC 6749 §5.2 */
declare class InvalidClientError extends AuthError {
  /** @param space - for the challenge, if the client sent an `Authorization` header. Otherwise there is no challenge. */
  constructor(space?: ProtectionSpace);
}
/** The subject has `maxSessions` sessions, and `onSessionLimit` is `'reject'` (403, `session_limit`). */
declare class SessionLimitError extends AuthError {
  constructor();
}
/**
 * The `claims` hook answered more claims than fit into an access token (500, `token_too_large`). Change the hook: a repetition
 * fails too. `cause` says how long the token would be. Nothing was stored or spent.
 */
declare class TokenTooLargeError extends AuthError {
  constructor(details?: { readonly cause?: unknown });
}
/**
 * The store, a key set, a hook or the clock failed or was too slow (503, `temporarily_unavailable`). The error does not mean that a
 * token is bad: the client keeps its tokens and repeats the request.
 */
declare class TemporarilyUnavailableError extends AuthError {
  /** @throws TypeError `details` is not a plain object or has a member other than `cause` and `headers`. */
  constructor(
    details?: Pick<AuthErrorDetails, 'cause' | 'headers'>,
    code?: 'temporarily_unavailable' | 'refresh_pending' | 'store_full',
  );
}
/**
 * The refresh token was spent longer ago than the reuse interval, and the settle time has not passed yet (503,
 * `refresh_pending`). The session did not change. The client repeats the refresh after `Retry-After`, with the refresh token that it
 * has then.
 */
declare class RefreshPendingError extends TemporarilyUnavailableError {
  /** @param seconds - the value of `Retry-After`. */
  constructor(seconds: number);
}
/**
 * The session store failed, was too slow, or answered what the store contract does not allow (503, `temporarily_unavailable`). It is
 * unknown whether the store executed the call.
 */
declare class StoreUnavailableError extends TemporarilyUnavailableError {}
/**
 * The revocation log does not answer, or has not been heard for longer than `maxAge` (503, `temporarily_unavailable`). After a
 * call that announces, what it changed in the store holds; other processes may not know it yet. The announcement is repeated.
 */
declare class RevocationsUnavailableError extends TemporarilyUnavailableError {}
/** The session store has no room, and evicts no live session to make room (503, `store_full`). */
declare class StoreFullError extends TemporarilyUnavailableError {
  constructor();
}

interface SessionEvent {
  /** Milliseconds since the epoch, by `Date.now` of this process. */
  readonly time: number;
  readonly sessionId: string;
  readonly subject: string;
  /**
   * The metadata of the session, a frozen copy. Absent when the session has none, in `session.evicted`, and in `session.revoked` with the reason `'subject'`:
   * the store ends these sessions without reading them.
   */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What the option `requestContext` or the argument `request` said of the request. */
  readonly request?: unknown;
}
interface GenerationEvent extends SessionEvent {
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
}
/** A subject signed in. */
interface SessionIssuedEvent extends SessionEvent {
  readonly type: 'session.issued';
}
/** A session was refreshed. */
interface SessionRefreshedEvent extends SessionEvent {
  readonly type: 'session.refreshed';
  /** Generation of the refresh token that the client has now. */
  readonly generation: number;
  readonly presentedGeneration: number;
  /**
   * `'rotated'`: the session rotated, and the client gets a new refresh token. `'held'`: the session had rotated within the settle
   * time, so the client keeps its refresh token. `'replayed'`: a spent token got its successor again. `'recovered'`: the answer with
   * the successor was lost, so a spent token got another one. `'redone'`: the store had lost the rotation, which was made again.
   */
  readonly how: 'rotated' | 'held' | 'replayed' | 'recovered' | 'redone';
}
/** A session was changed by `updateSession`. */
interface SessionUpdatedEvent extends SessionEvent {
  readonly type: 'session.updated';
  /** Names of the members that were changed. */
  readonly changed: readonly string[];
}
/** The user of a session proved again who they are. */
interface SessionReauthenticatedEvent extends SessionEvent {
  readonly type: 'session.reauthenticated';
  /** Names of the members of the authentication that were given. */
  readonly changed: readonly string[];
}
/**
 * A session was ended. `reason` is `'denied'` when the `claims` hook answered false at a refresh, `'replaced'` when a new login in the
 * same browser took its place, and `'everything'` when the session came after `revokeEverything` and had begun before.
 */
interface SessionRevokedEvent extends SessionEvent {
  readonly type: 'session.revoked';
  readonly reason: 'logout' | 'subject' | 'reuse' | 'denied' | 'replaced' | 'everything';
}
/** A session was ended because a new login of its subject exceeded `maxSessions`. */
interface SessionEvictedEvent extends SessionEvent {
  readonly type: 'session.evicted';
}
/** A refresh token has a higher generation than its record: the store lost a write, in a failover for example. The session lives. */
interface SessionRolledBackEvent extends GenerationEvent {
  readonly type: 'session.rolled_back';
}
/** A spent refresh token was used again, so its session was ended. One event per session, however many such tokens arrive. */
interface RefreshReusedEvent extends GenerationEvent {
  readonly type: 'refresh.reused';
  /** The highest generation that was seen in use; 0 when none was. */
  readonly confirmed: number;
  /** Milliseconds since the last rotation. */
  readonly sinceRotation: number;
  /** The metadata of the session, which no longer exists. */
  readonly metadata: Readonly<Record<string, unknown>>;
}
/**
 * A spent refresh token came after the reuse interval and within the settle time, its session rotated while a hook was slow, or the
 * store has lost a write. The session did not change, and the client repeats the refresh.
 */
interface RefreshPendingEvent extends GenerationEvent {
  readonly type: 'refresh.pending';
}
/**
 * An old refresh token whose key is no longer among the keys: nothing shows whether this issuer made it. It was refused, without
 * consequence.
 */
interface RefreshUnverifiableEvent extends GenerationEvent {
  readonly type: 'refresh.unverifiable';
}
/** A refresh token with a valid tag that was never issued: the refresh key has leaked. Replace the key. */
interface RefreshForgedEvent extends GenerationEvent {
  readonly type: 'refresh.forged_with_valid_tag';
}
/** What every refusal says. */
interface Refusal {
  readonly time: number;
  readonly code: AuthErrorCode;
  readonly sessionId?: string;
  readonly subject?: string;
  /** The `Origin` that the request named, when it was refused for it: at most 200 characters, as the client sent them. */
  readonly origin?: string;
  /** The probable mistake and its cure, for the developer. It is never part of an answer, and has no text of the request. */
  readonly hint?: string;
  /** What the option `requestContext` or the argument `request` said of the request. */
  readonly request?: unknown;
}
/**
 * A request was refused because of its credential: its form, its origin, or a check of its access token. For a request without a
 * credential only with a `hint`: when something in the request looks like a token. Guards emit `request.refused`.
 */
interface VerificationRefusedEvent extends Refusal {
  readonly type: 'verification.refused';
  /** The check that failed, if a check of the token failed. */
  readonly check?: TokenCheck;
}
/**
 * A request was refused although its credential is good: a guard for scopes, claims or the authentication of the user (`subject` and
 * `sessionId` are those of the token), a login that `claims` or `onSessionLimit` refuses, a request to an endpoint with a cookie
 * from an origin that is not allowed, or, with a `hint`, a logout that ended no session because its refresh token is missing or is none.
 */
interface RequestRefusedEvent extends Refusal {
  readonly type: 'request.refused';
  /** The scopes that the guard requires, space-delimited. */
  readonly scope?: string;
}
/**
 * Why a refresh was refused.
 *
 * - `'missing'`: no refresh token was sent. `'malformed'`: the request is (4xx).
 * - `'limit'`: more refreshes than `maxParallelRefreshes` run in this process. The client repeats it.
 * - `'origin'`: with a cookie, from an origin that is not allowed.
 * - `'garbled'`: not a refresh token of this issuer, or altered.
 * - `'unknown'`: the key that sealed it is no longer among the keys, and there is no session under its ID.
 * - `'ended'`: genuine, and its session has ended: logged out, expired, idle for too long, evicted or ended for reuse. The store
 *   keeps no record that would say which; the event `session.revoked` has said it at that time.
 * - `'reused'`: spent, so its session was ended. `'unverifiable'`, `'forged'`, `'rolled_back'`: the event of that name says more.
 * - `'client'`: the session belongs to another OAuth client. `'denied'`: the `claims` hook answered `false`.
 * - `'mismatch'`: the access token that was sent along is of another session, or is required and was not sent.
 * - `'scope'`: more scope was asked for than was granted. `'ambiguous'`: cookies of several live sessions came.
 */
type RefreshRefusal =
  | 'missing'
  | 'malformed'
  | 'limit'
  | 'origin'
  | 'garbled'
  | 'unknown'
  | 'ended'
  | 'reused'
  | 'unverifiable'
  | 'forged'
  | 'rolled_back'
  | 'client'
  | 'denied'
  | 'mismatch'
  | 'scope'
  | 'ambiguous';
/**
 * A refresh was refused: one event for each. The client learns `code`, never the reason. Another refresh that the client repeats
 * later emits `refresh.pending`, `store.unavailable` or `hook.failed` instead.
 */
interface RefreshRefusedEvent extends Refusal {
  readonly type: 'refresh.refused';
  readonly reason: RefreshRefusal;
  /** The metadata of the session, if it has some and its record was read. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}
/** The store failed, was too slow, or answered what the store contract does not allow. */
interface StoreUnavailableEvent {
  readonly type: 'store.unavailable';
  readonly time: number;
  /** The method of the store contract that was called. */
  readonly operation: string;
  readonly cause: unknown;
}
/** A function of the application failed, was too slow, or answered a value that is not allowed. */
interface HookFailedEvent {
  readonly type: 'hook.failed';
  readonly time: number;
  /** The name of the option with the function. */
  readonly hook: string;
  readonly cause: unknown;
}
/** A key set could not be loaded: the endpoint is down, is slow or redirects, or its answer is not a key set. */
interface KeysUnavailableEvent {
  readonly type: 'keys.unavailable';
  readonly time: number;
  /** The URL of the key set without its query, the issuer, or `loadedKeySet`. */
  readonly source: string;
  readonly cause: unknown;
}
/** `revokeClaims` was called: for a subject, for a session, or for everyone when neither is named. */
interface ClaimsRevokedEvent {
  readonly type: 'claims.revoked';
  readonly time: number;
  readonly subject?: string;
  readonly sessionId?: string;
  /** What the argument `request` said of the request. */
  readonly request?: unknown;
}
/** `revokeEverything` has ended all sessions of an issuer. */
interface EverythingRevokedEvent {
  readonly type: 'everything.revoked';
  readonly time: number;
  readonly issuer: string;
  /** The kill mark: its position in the revocation log. */
  readonly position: number;
  /** What the argument `request` said of the request. */
  readonly request?: unknown;
}
interface RevocationsEvent {
  readonly time: number;
  /** The issuer whose revocation log it is. */
  readonly issuer: string;
}
/**
 * The revocation list of this process is behind: no contact with an issuer for `maxAge`. Once per outage. `cause` is `undefined` when
 * the log answers, but has no news: a paused process, a relay or a demoted primary.
 */
interface RevocationsBehindEvent extends RevocationsEvent {
  readonly type: 'revocations.behind';
  readonly cause: unknown;
}
/** The revocation list of this process is up to date again. */
interface RevocationsCaughtUpEvent extends RevocationsEvent {
  readonly type: 'revocations.caught_up';
}
/**
 * Entries of the revocation log were lost (`'lost'`: it was created again; `'rolled_back'`: a failover), the list was full
 * (`'overflow'`), or a later version wrote a line that must be understood (`'unreadable'`).
 */
interface RevocationsGapEvent extends RevocationsEvent {
  readonly type: 'revocations.gap';
  readonly kind: 'lost' | 'rolled_back' | 'overflow' | 'unreadable';
  /** Tokens that name a smaller position may be concerned. */
  readonly before: number;
  /** Lines that this process has appended again. */
  readonly repaired: number;
}
/** The revocation log took no entry. What waits is appended when it answers again. Once per outage. */
interface RevocationsUnavailableEvent extends RevocationsEvent {
  readonly type: 'revocations.unavailable';
  readonly cause: unknown;
}
/** A store had lost the end of a session, and the revocation log knew it: the session was ended again. */
interface SessionRevivedEvent {
  readonly type: 'session.revived';
  readonly time: number;
  readonly sessionId: string;
}
type TokenpairEvent =
  | ClaimsRevokedEvent
  | EverythingRevokedEvent
  | RevocationsBehindEvent
  | RevocationsCaughtUpEvent
  | RevocationsGapEvent
  | RevocationsUnavailableEvent
  | SessionRevivedEvent
  | SessionIssuedEvent
  | SessionRefreshedEvent
  | SessionUpdatedEvent
  | SessionReauthenticatedEvent
  | SessionRevokedEvent
  | SessionEvictedEvent
  | SessionRolledBackEvent
  | RefreshReusedEvent
  | RefreshPendingEvent
  | RefreshUnverifiableEvent
  | RefreshForgedEvent
  | RefreshRefusedEvent
  | VerificationRefusedEvent
  | RequestRefusedEvent
  | StoreUnavailableEvent
  | HookFailedEvent
  | KeysUnavailableEvent;
/**
 * Receives every event. An error or a rejection of the listener is ignored. All listeners get the same frozen object; its `cause` is
 * the value that was thrown, not a copy.
 */
type EventListener = (event: TokenpairEvent) => unknown;

/** What the application says of a request. Neither a failure nor a promise changes the outcome of the request. */
type RequestContext = (request: IncomingMessage) => unknown;

/** The part of Node's `IncomingMessage` and `Http2ServerRequest` that is read. Other objects may write names in any case. */
interface NodeHeaders {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}
/** The part of a Fetch `Request` that is read. */
interface FetchHeaders {
  readonly headers: {
    get(name: string): string | null;
  };
}

/** The members of Node's `IncomingMessage` that are read. Requests of Express and Koa have them too. */
interface NodeRequest extends NodeHeaders {
  /** Names and values in turn, in the order of the request. Shows whether a header was sent twice. */
  readonly rawHeaders?: readonly string[];
  readonly url?: string | undefined;
  /** When it is left out, a token from a cookie is checked as in a POST request. */
  readonly method?: string | undefined;
  /** Every line of each header, in an event of AWS Lambda whose `headers` have the last line only. */
  readonly multiValueHeaders?: NodeHeaders['headers'] | null | undefined;
}
/** The members of a Fetch `Request` that are read. */
interface FetchRequest extends FetchHeaders {
  readonly url?: string;
  /** When it is left out, a token from a cookie is checked as in a POST request. */
  readonly method?: string;
}
type BearerRequest = NodeRequest | FetchRequest;
/** A request, or the value of its `Authorization` header; `null` and `undefined` mean that the request had none. */
type BearerSource = BearerRequest | string | null | undefined;

/** The payload of a verified access token. Registered names have the meaning of RFC 7519; times are seconds since the epoch. */
interface AccessTokenClaims {
  readonly iss: string;
  /** Absent only in tokens of an issuer with a `subjectClaim`: use `token.subject`. */
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: number;
  readonly iat?: number;
  readonly nbf?: number;
  readonly jti?: string;
  /** Session ID: an identifier, not a credential. */
  readonly sid?: string;
  readonly scope?: string | readonly string[];
  readonly [claim: string]: unknown;
}
/** Who acts for the subject: the claim `act`. RFC 8693 §4.1 */
interface Actor {
  /** The actor's `sub`; empty in a token of another issuer that names none. */
  readonly subject: string;
  /** Further members of the claim. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}
/** A value that a claim can be compared with. */
type ClaimValue = string | number | boolean;
/** What the claims of an issuer's tokens must be, and which claims hold the audience and the scopes. */
interface ClaimRules {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** The claim that holds the audience. Default `aud`. */
  readonly audienceClaim?: string;
  /** The claim that holds the subject. Default `sub`. */
  readonly subjectClaim?: string;
  /** The claim that holds the scopes. Default `scope`. */
  readonly scopeClaim?: string;
  /** Claims that must have exactly one value. */
  readonly requiredClaims?: readonly (readonly [name: string, value: ClaimValue])[];
}

/**
 * Seconds as a whole number, or text with a unit: `'90s'`, `'15m'`, `'12h'`, `'30d'`, `'2w'`. An option that takes fractions of a second
 * says so.
 */
type Duration = number | string;
/** Milliseconds: since the epoch, or a span of time. */
type Millis$1 = number;
/**
 * Reads a duration option as seconds: a whole number, unless `bounds.fractions` is true.
 *
 * Refuses text of digits without a unit, because it could mean seconds or milliseconds.
 *
 * @param bounds - `min`, `max`: smallest and largest value in seconds. `maxNumber`: a larger number, but not text, is refused as
 * probably milliseconds; with it, also a round number of milliseconds that is not a round number of seconds, 30 000 for example.
 * @defaultValue 1 second to 100 years
 * @throws TypeError naming the option when the value is not a duration, or not between `min` and `max`.
 * @throws TypeError `bounds` has an unknown member.
 */
declare function toSeconds(
  option: string,
  value: unknown,
  bounds?: {
    min?: number;
    max?: number;
    maxNumber?: number;
    fractions?: boolean;
  },
): number;

/** A value, or a promise of it. */
type MaybePromise<T> = T | Promise<T>;

/**
 * A JSON Web Key, as `KeyObject.export({ format: 'jwk' })`, Web Crypto and other libraries write it. Other members are
 * allowed and ignored.
 *
 * The type does not say which members must come together: that is checked when the key is imported. It is not the type of
 * `@types/node`, whose name and shape changed between versions.
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

declare const algorithms: readonly [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/**
 * Signature algorithms of RFC 7518 §3.1, RFC 8037 §3.1 and RFC 9864 §2.2, without `none`. `EdDSA` and `Ed25519` are two
 * names of one algorithm: a key is for one of the names, and its tokens carry that name.
 */
type Algorithm = (typeof algorithms)[number];

/**
 * A public or a private key: PEM as text or bytes, DER as bytes (SPKI, PKCS#8, PKCS#1, SEC1), a JWK, or a `KeyObject`.
 * Decrypt an encrypted key yourself and pass it as a `KeyObject`.
 */
type AsymmetricKeyMaterial = string | Uint8Array | Jwk | KeyObject;
/**
 * A shared secret, at least as long as the hash (RFC 7518 §3.2): bytes; text, whose UTF-8 bytes are the secret; base64url
 * as `{ base64url: '…' }` or as a JWK of type `oct`; or a `KeyObject`. Text is never decoded, even if it looks like base64.
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
 * State of a key in a rotation. A `next` key is published and verifies, but makes no tokens yet, so that services that fetch
 * the key set know it before its first token comes. The `current` key makes tokens. A `retiring` key makes no tokens, and
 * verifies those that it made until the last of them has expired.
 */
type KeyState = 'next' | 'current' | 'retiring';
interface KeyStateOptions {
  /**
   * State of the key. Of an issuer's keys either all have a state and exactly one is `current`, or none has. A verifier
   * verifies with every key in any state.
   * @defaultValue the first key is `current`, the rest are `retiring`
   */
  readonly state?: KeyState | undefined;
  /**
   * When the key entered its state: a `Date`, ISO 8601 text or milliseconds since the epoch. From it `describeKeys` computes
   * how long a retiring key is needed.
   * @defaultValue when this process first received the key in that state
   */
  readonly since?: Date | string | number | undefined;
}

interface KeyIdOptions extends KeyStateOptions {
  /**
   * Key ID in the header of every token that the key signs. 1 to 256 characters, compared exactly; no two keys share one.
   * If both the option and the JWK have a `kid`, they must be equal.
   * @defaultValue the `kid` of the JWK; for a single key without one, its thumbprint ({@link keyThumbprint}, RFC 7638).
   * With several keys, each must have a `kid`.
   */
  readonly kid?: string | undefined;
}
interface WithAlgorithm extends KeyIdOptions {
  /** The only algorithm that the key is used with. The `alg` of a JWK must be equal. */
  readonly algorithm: Algorithm;
}
interface WithJwkAlgorithm extends KeyIdOptions {
  /** The only algorithm that the key is used with. @defaultValue the `alg` of the JWK, which must be equal if both are given */
  readonly algorithm?: Algorithm | undefined;
}
/** A JWK with an `alg`. Its `use` and `key_ops`, if present, must allow the operation that it is given for. */
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
/** A private key: signs, and verifies with its public key. */
type PrivateKeyOptions =
  | (WithAlgorithm & {
      readonly privateKey: AsymmetricKeyMaterial;
    })
  | (WithJwkAlgorithm & {
      readonly privateKey: JwkWithAlgorithm;
    });
/** A secret that signs and verifies. Every service that verifies with it can also sign. */
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
 * A parsed JWK Set document. Keys that cannot be used are ignored: keys to encrypt with, of an unknown kind or algorithm, too
 * weak. A key without `alg` is for the first algorithm that fits it, RS256 for an RSA key. A secret (`kty` is `oct`) needs an
 * `alg`. A key without `kid` verifies tokens that have none.
 *
 * @see RFC 7517 §5
 */
interface JwkSet {
  readonly keys: readonly Jwk[];
}

/**
 * What a factory of this package returned. An object that was put together in another way does not fit.
 *
 * The name of the member is text, not a symbol: so the types of two versions, and of the ES module and the CommonJS
 * declarations, agree.
 */
interface MadeBy<Factory extends string> {
  /** Set by the factory. A copy of the object does not have it. */
  readonly '~madeBy': Factory;
}

/** Keys by `kid`. */
interface KeyLookup {
  /** Every algorithm that a key may be for. A token with another `alg` is refused before its key is looked up. */
  readonly algorithms: ReadonlySet<string>;
}
/**
 * Verification keys that are loaded and reloaded: a value for the option `keys` of a verifier. Made by `remoteKeySet`,
 * `discoveredKeySet`, `loadedKeySet` and `discover`; an object of another origin is refused. Several verifiers can share
 * one, and then share its loads. For keys from a place of your own use `loadedKeySet`.
 */
interface KeySource extends KeyLookup, MadeBy<KeySourceFactory> {}
declare const factories$1: readonly ['remoteKeySet', 'discoveredKeySet', 'loadedKeySet'];
type KeySourceFactory = (typeof factories$1)[number];

/** Keys in memory: a JWK Set, or an array of keys and JWK Sets. */
type KeysInMemory = JwkSet | readonly (VerificationKeyOptions | JwkSet)[];
/** A value of the option `keys` of a verifier: JWK Sets and key sources, alone or with keys in an array. */
type VerifierKeys = JwkSet | KeySource | readonly (VerificationKeyOptions | JwkSet | KeySource)[];

/**
 * A schema of zod, valibot, arktype or another validator that implements Standard Schema, version 1.
 *
 * @see https://standardschema.dev
 */
interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => MaybePromise<SchemaResult<Output>>;
  };
}
/** The value as the schema describes it, or what is wrong with it. */
type SchemaResult<Output> =
  | {
      readonly value: Output;
      readonly issues?: undefined;
    }
  | {
      readonly issues: readonly object[];
    };

/** A source of the current time: milliseconds since the epoch, like `Date.now`. */
type Clock = () => number;

/** A position in a log: a whole number from 1 to 2^52, greater with every entry. Microseconds of the log's clock, or one more than the last position. */
type Position = number;
/** An entry as it is read. */
interface RevocationEntry {
  readonly position: Position;
  /** Position of the entry before it in the log; 0 for the first. */
  readonly previous: Position;
  /** Lines, separated by `\n`; may be empty. A log does not interpret them. At most 8 192 bytes. */
  readonly text: string;
}
/** An entry to append. */
interface NewRevocationEntry {
  /** Whose log it is: text without lone surrogates, at most 2 048 characters. */
  readonly issuer: string;
  readonly text: string;
  /** The position of the entry must be greater than this. */
  readonly floor: Position;
  /** How long the entry must be kept, at least. */
  readonly keep: Millis$1;
  /** Raises `everything` of the page to the position of this entry (`'here'`) or to the given one, and never lowers it. */
  readonly everything?: 'here' | Position | undefined;
}
/** A page of the log: all of it belongs to one moment. */
interface RevocationPage {
  /** Whose log it is. Only from a log that is read over HTTP. */
  readonly issuer?: string | undefined;
  /** Position of the last entry; 0 when there is no log. */
  readonly head: Position;
  /**
   * The log is complete from here on: its very first position, or the place where entries younger than `keep` may have been cut
   * off. That is the entry before which the clock of the log was silent for more than 10 minutes, or for `keep` if that is shorter:
   * a live issuer appends every second, so the clock has jumped, or there was no issuer.
   */
  readonly from: Position;
  /** The greatest position to which an append raised it; 0 when none did. Never trimmed. */
  readonly everything: Position;
  /** The greatest `keep` that the log was given for this issuer; 0 when there is no log. */
  readonly keep: Millis$1;
  /** Further entries can be read at once. False for a limit of 0. */
  readonly more: boolean;
  /** How long the answering process has been without contact. Only from a log that reads second-hand, over HTTP for example. */
  readonly age?: Millis$1 | undefined;
  readonly entries: readonly RevocationEntry[];
}
/**
 * Keeps a list of short entries for each issuer, in one order for all processes. It does not interpret them. Core runs one loop
 * for all logs: a log is read, and never calls.
 *
 * Both methods reject within 3 seconds when the log is down, slow or holds something else. After a rejected `append` it is unknown
 * whether the entry is in the log: core appends it again, and repetition changes nothing.
 */
interface RevocationLog {
  /**
   * Adds one entry to the log of an issuer in one atomic step, at a position greater than all positions before it and greater
   * than `floor`, and answers the position. Entries become readable in the order of their positions. Keeps every entry at least as
   * long as the greatest `keep` that it was ever given for this issuer. Only issuers call it.
   */
  append(entry: NewRevocationEntry): Promise<Position>;
  /**
   * One page of the log of an issuer: the entries after a position, in order, at most `limit`; none for 0. Answers at once, also
   * when there is no news. A read that begins after an append was answered shows its entry: an issuer takes its absence for a loss.
   */
  read(
    issuer: string,
    after: Position,
    limit: number,
    options?: {
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<RevocationPage>;
  /** Frees what the log itself holds open. */
  close?(): Promise<void>;
}

/** How a process follows a revocation log. */
interface FollowOptions {
  /**
   * The list of this process is behind when it has had no contact with an issuer for this time. 2 seconds to 10 minutes, fractions
   * of a second too. Over HTTP choose at least 5 seconds. @defaultValue `30` (seconds)
   */
  readonly maxAge?: Duration | undefined;
  /**
   * What happens to tokens that the list says nothing about while it is behind: `'accept'` lets them pass, so they live until
   * `exp`. `'refuse'` answers 503, also to logins and refreshes. @defaultValue `'accept'`
   */
  readonly whenBehind?: 'accept' | 'refuse' | undefined;
  /**
   * Pause between two reads of the log: 0.02 to 5 seconds, fractions of a second too.
   * @defaultValue `0.1` (seconds); on Postgres `0.25`, over HTTP `1`
   */
  readonly pollInterval?: Duration | undefined;
  /**
   * Maximum number of facts in the list: sessions that have ended and changes of claims. 100 to 10 000 000. Above it the oldest
   * are dropped, and tokens from before them are refreshed once. A million session IDs take about 100 MB.
   * @defaultValue `1_000_000` (one million)
   */
  readonly max?: number | undefined;
  /** Receives the events about this log, beside the listeners of the issuer and of the verifiers that use it. @defaultValue none */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds, for tests. @defaultValue the wall clock and the monotonic clock; the later one decides */
  readonly clock?: Clock | undefined;
}
/** Where a follower is. */
interface RevocationsState {
  /** `'behind'`: without contact for longer than `maxAge`. `'starting'`: the log has not been read to its end yet. */
  readonly status: 'starting' | 'live' | 'behind';
  /** Milliseconds since the last contact with an issuer; since the start when there was none. */
  readonly behindFor: Millis$1;
  /** The greatest position that this process knows. */
  readonly position: Position;
  /** Facts in the list. */
  readonly facts: number;
  /** Lines that wait to be appended. */
  readonly unannounced: number;
}
/** How a follower was set up: its options, with their defaults. */
interface RevocationsSettings {
  readonly whenBehind: 'accept' | 'refuse';
  /** Seconds without contact until the list is behind. `Infinity`, the default in memory: never. */
  readonly maxAge: number;
  /** Seconds between two reads. */
  readonly pollInterval: number;
  /** Maximum number of facts in the list. */
  readonly max: number;
  /** `'memory'`: the log is in this process. `'http'`: an issuer serves it, as for `remoteRevocations`. `'shared'`: any other. */
  readonly log: 'memory' | 'http' | 'shared';
}
/**
 * Follows the revocation log of one issuer in one process, and announces to it if the process is an issuer. Give one object to the
 * issuer and to all verifiers of its tokens. `createTokenIssuer` and `createTokenVerifier` start it.
 */
interface Revocations extends MadeBy<'createRevocations'> {
  readonly state: RevocationsState;
  /** The options, with their defaults. They do not change. */
  readonly settings: RevocationsSettings;
  /**
   * Waits until the log was read to its end for the first time. Call it before `listen()`. Keeps the process alive meanwhile.
   *
   * @param options - `within`: 0.01 seconds to 1 hour. @defaultValue no limit
   * @throws {@link RevocationsUnavailableError} (503) `within` has passed, or `close` was called.
   */
  ready(options?: { readonly within?: Duration | undefined }): Promise<void>;
  /** Tries once more to append what waits, and stops following. Then the list is behind after `maxAge`. */
  close(): Promise<void>;
}

/** An issuer whose tokens are accepted, and the form of these tokens. Defaults follow RFC 9068. */
interface AcceptedIssuerOptions {
  /** The `iss` of accepted tokens, compared as a string: no patterns, no normalization of slashes. */
  readonly issuer: string;
  /** The `aud` of accepted tokens, compared as a string. With several, a token must have one of them. */
  readonly audience: string | readonly string[];
  /**
   * Keys to verify with, found by `kid`: an array of keys, a parsed JWK Set, or a key source, made by {@link remoteKeySet} for
   * example. An array may have all three. A token without `kid` is judged by the only key of its algorithm; if there are
   * several, it is refused.
   */
  readonly keys: VerifierKeys;
  /** Accepted algorithms, when the keys are for more than these. @defaultValue the algorithms of the keys */
  readonly algorithms?: readonly Algorithm[] | undefined;
  /**
   * The media type in the header's `typ`, with or without `application/`. `false` turns the check off, for issuers that
   * write no type. Then name a claim in `requiredClaims` that only access tokens have: otherwise an ID token is accepted as
   * an access token. @defaultValue `'at+jwt'` @see RFC 9068 §4, RFC 8725 §3.11
   */
  readonly type?: string | false | undefined;
  /** The claim with the audience. @defaultValue `'aud'` */
  readonly audienceClaim?: string | undefined;
  /**
   * The claim with the subject: a non-empty string, which becomes `token.subject`. The value must never be given to another
   * user; an e-mail address can be. A claim `sub` is optional then. @defaultValue `'sub'`
   */
  readonly subjectClaim?: string | undefined;
  /** The claim with the scopes: a string or an array. @defaultValue `'scope'` */
  readonly scopeClaim?: string | undefined;
  /** Claims that must equal these values, for example `{ token_use: 'access' }`. @defaultValue none */
  readonly requiredClaims?: Readonly<Record<string, ClaimValue>> | undefined;
  /**
   * Follows the revocation log of the issuer: tokens of ended sessions are refused with `session_revoked`, and tokens from before a
   * change of claims with `claims_stale`. Give each issuer its own. @defaultValue none: tokens are accepted until `exp`
   */
  readonly revocations?: Revocations | undefined;
}
/** The checked options of one issuer. */
interface AcceptedIssuer extends ClaimRules {}

/**
 * Returns the rules for the tokens of an issuer, or `undefined` if its tokens are not accepted: then the request gets 401.
 *
 * `issuer` comes from a token of which nothing has been verified: look it up among the issuers that you know, and never make a
 * URL of it. If the function throws, exceeds `deadline` or returns anything else, the request gets 503 and the answer is not
 * kept.
 */
type FindIssuer = (issuer: string) => MaybePromise<AcceptedIssuerOptions | null | undefined>;
/** How long the answers of a {@link FindIssuer} are kept. */
interface IssuerCacheOptions {
  /** Maximum number of issuers, 1 to 1 000 000. The least recently used is forgotten. @defaultValue `1_000` (one thousand) */
  readonly max?: number | undefined;
  /**
   * Time after which the function is asked again about an issuer, 1 second to 1 day. If it returns the same object, the loaded keys
   * are kept; so keep the object too if it has a key source. An unknown issuer is asked for again after 30 seconds at most.
   * @defaultValue `'10m'` (10 minutes)
   */
  readonly lifetime?: Duration | undefined;
}

/** An access token that passed every check. It is frozen, including its claims. */
interface VerifiedToken<Own = unknown> {
  /**
   * The user or client that the token was issued for: the claim `sub`, or the issuer's `subjectClaim`. It is unique within
   * `issuer` only: with several issuers, use both to find a user.
   */
  readonly subject: string;
  /** The claim `iss`: who issued the token. */
  readonly issuer: string;
  /** The claim `sid`: the session ID, when the token has one. */
  readonly sessionId: string | undefined;
  /** The scopes of the claim `scope`, or of the issuer's `scopeClaim`. */
  readonly scopes: ReadonlySet<string>;
  /** The claim `exp`: when the token expires, in seconds since the epoch. */
  readonly expiresAt: number;
  /** All claims. Those that the verifier's schema describes have the values and the types of its output. */
  readonly claims: AccessTokenClaims & Own;
  /** The realm and metadata URL of the verifier; a guard that rejects the token repeats them in its challenge. */
  readonly space: ProtectionSpace;
  /** Who acts for the subject, for example support staff: the claim `act`. Absent when the subject acts. */
  readonly actor?: Actor;
}

/** Limits of the cache of verified tokens. The least recently used token is removed first. */
interface TokenCacheOptions {
  /** Maximum number of tokens: 1 to 10 000 000. @defaultValue `10_000` (ten thousand) */
  readonly max?: number | undefined;
  /** Maximum bytes, estimated from each token's length: 1 to 1 099 511 627 776 (1 TiB). @defaultValue `33_554_432` (32 MiB) */
  readonly maxBytes?: number | undefined;
}

/** Places of a token. Those other than the `Authorization` header are off by default. */
interface TokenTransports {
  /**
   * `false` ignores the `Authorization` header of requests, which then may hold a credential for something else. Requires
   * another transport. A text that is passed to `verifyBearer` is read all the same. @defaultValue `true`
   */
  readonly header?: boolean | undefined;
  /**
   * Name of a cookie with the access token. Use the prefix `__Host-`, as in `'__Host-access_token'`: then no other host of the
   * domain can set the cookie.
   *
   * A browser sends the cookie with the requests of every page. So a request with the cookie fails with 403
   * (`origin_refused`) unless it comes from the server's own origin or from `allowedOrigins`. This is read from
   * `Sec-Fetch-Site`, else from `Origin` and `Host`; a program that sends neither must send an `X-Requested-With` header. The
   * server's own origin is `https`, or `http` on a loopback host. Not checked: `GET`, `HEAD`, `OPTIONS` and `TRACE`, which
   * must not change anything, except for WebSocket handshakes. A request object without a `method` is checked.
   */
  readonly cookie?: string | undefined;
  /** Origins whose pages may send the cookie, beside the server's own. Requires `cookie`. @defaultValue none */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Name of a query parameter with the access token. URLs end up in logs: prefer every other transport. */
  readonly query?: string | undefined;
  /**
   * Finds the token in another place, and answers `undefined` when there is none. If it reads a cookie, it must check the
   * origin of the request itself.
   */
  readonly custom?:
    | ((request: BearerRequest) => string | undefined | Promise<string | undefined>)
    | undefined;
}

/** Options of {@link createTokenVerifier} except issuers and keys. */
interface VerificationOptions extends ProtectionSpaceOptions {
  /** Clock skew allowed when checking `exp` and `nbf`. 0 to 300 seconds. @defaultValue `5` (five seconds) */
  readonly clockTolerance?: Duration | undefined;
  /**
   * Places of a token beside the `Authorization` header. A request with tokens in two places fails with 400.
   * @defaultValue none: the header only. @see RFC 6750 §2, RFC 9700 §4.3.2
   */
  readonly transports?: TokenTransports | undefined;
  /**
   * Maximum length of a token in bytes, 1 to 1 048 576. A longer one fails with `token_too_long`, before anything of it is
   * decoded. Node refuses requests whose headers exceed 16 KB together, unless `--max-http-header-size` is set.
   * @defaultValue `8_192` (8 KB)
   */
  readonly maxTokenBytes?: number | undefined;
  /**
   * Whether a valid token was revoked: `true` or `false`, or a promise of it. Called last, at every request. When it throws,
   * exceeds `deadline` or answers anything else, the request fails with 503.
   *
   * Look up the session (`sid`) or the token's `jti`, not the text of the token: for ES256, ES384 and ES512 the holder of a
   * token can compute a second valid signature, and so a second text. @defaultValue none
   */
  readonly isRevoked?: ((token: VerifiedToken) => boolean | Promise<boolean>) | undefined;
  /**
   * Limits of the cache of verified tokens, or `false` for no cache. The signature of a cached token is not computed again.
   * Its times, its key, the revocation list and `isRevoked` are checked at every request.
   * @defaultValue `{ max: 10_000, maxBytes: 33_554_432 }` (10 000 tokens, 32 MiB)
   */
  readonly cache?: TokenCacheOptions | false | undefined;
  /**
   * Time limit for `isRevoked`, `transports.custom` and `check` guards: 0.01 seconds to 1 hour, fractions of a second too;
   * above a minute as text.
   * @defaultValue `5` (five seconds)
   */
  readonly deadline?: Duration | undefined;
  /**
   * Receives events: rejected requests with the exact check, hooks that failed, and loads of its key sets that failed. Without it and
   * without a subscriber of the diagnostics channel, each cause of a failure is one process warning.
   */
  readonly onEvent?: EventListener | undefined;
  /** Source of the current time in milliseconds since the epoch. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}
/** Options of {@link createTokenVerifier}: one issuer, or several. */
type TokenVerifierOptions<Claims = unknown> = (OneIssuerOptions | SeveralIssuersOptions) &
  ClaimsSchemaOptions<Claims>;
/** The claims that an application expects in a token. */
interface ClaimsSchemaOptions<Claims> {
  /**
   * A Standard Schema for the claims, of zod, valibot or arktype for example; it may be async. It gives `token.claims` and
   * `auth.of(req).claims` their types. A token that does not fit is refused with `token_invalid` and the check `claims`. Called
   * with a copy of all claims, after the other checks of claims and not for a token in the cache. The registered claims keep
   * their values. When the schema throws or exceeds `deadline`, the request gets 503. @defaultValue none
   */
  readonly claims?: StandardSchema<Claims> | undefined;
}
/** Options of a verifier that accepts the tokens of one issuer. */
interface OneIssuerOptions extends VerificationOptions, AcceptedIssuerOptions {}
/** Options of a verifier that accepts the tokens of several issuers. */
interface SeveralIssuersOptions extends VerificationOptions {
  /**
   * The issuers, each with its own audience, keys, algorithms and type. The `iss` of a token selects the issuer whose rules
   * and keys apply, compared as a string. Two entries with the same name are an error.
   *
   * A function finds them when tokens come, for tenants that are not known at start: see {@link FindIssuer}. Its answers are
   * kept as `issuerCache` says.
   */
  readonly issuers: readonly AcceptedIssuerOptions[] | FindIssuer;
  /** How long the answers of `issuers` are kept, when it is a function. @defaultValue 1 000 issuers, 10 minutes */
  readonly issuerCache?: IssuerCacheOptions | undefined;
}

/** Verifies access tokens. Made by {@link createTokenVerifier}; an issuer has one as its `verifier`. */
interface TokenVerifier<Claims = unknown> extends MadeBy<'createTokenVerifier'> {
  /** Only a type: the claims that the schema of the verifier describes. Has no value. */
  readonly '~claims'?: Claims;
  /** The accepted issuers, with their audiences. Empty when `issuers` is a function. */
  readonly accepts: readonly AcceptedIssuer[];
  /** Name of the protected area in every challenge. */
  readonly realm: string;
  /**
   * Replaces all keys of an issuer. From the next request on, a token whose key is not among the new keys fails with
   * `token_key_unknown`, also when it is in the cache, and its client refreshes.
   *
   * Give a new key a new `kid`. A different key under a known `kid` is accepted, so that a key can be withdrawn; tokens of
   * the former key then fail with `token_invalid`, and their users must sign in again.
   *
   * @param issuer - the issuer whose keys are replaced. Required when the verifier accepts several issuers.
   * @throws TypeError a key cannot be used, no key is for an accepted algorithm, `issuer` is not the name of an accepted
   * issuer, or the keys are loaded by a key set. Also on the `verifier` of an issuer: call the issuer's `replaceKeys`. In
   * all these cases no key is replaced.
   */
  replaceKeys(keys: KeysInMemory, issuer?: string): void;
}
/**
 * Creates a verifier for {@link verifyBearer} and for the `bearer` of the adapters. Checks all options and imports all keys.
 *
 * @throws TypeError an option is wrong, missing or unknown; the message names it.
 * @see RFC 9068 §4, RFC 8725 §3
 */
declare function createTokenVerifier<Claims = unknown>(
  options: TokenVerifierOptions<Claims>,
): TokenVerifier<Claims>;

/**
 * A check after verification: returns when the token passes, throws an error when it does not. `Context` is what the
 * framework passes to a handler.
 */
interface Guard<Context = unknown> {
  (token: VerifiedToken, context: Context): MaybePromise<void>;
  /** The scopes that it requires, space-delimited. A request without a valid token gets a challenge that names them. */
  readonly scope?: string;
}
/** Scopes in any of the forms `'a b'`, `['a', 'b']` and `'a', 'b'`. */
type ScopeList = readonly (string | readonly string[])[];
/**
 * Requires that a token has all of the scopes.
 *
 * @throws {@link InsufficientScopeError} (403) one is missing; the challenge names all required scopes.
 * @throws TypeError no scope was named: every token would pass.
 */
declare function requireScopes(token: VerifiedToken, ...scopes: ScopeList): void;
/** A guard that requires all of the scopes. @throws TypeError no scope was named: every token would pass. */
declare function guardScopes(...scopes: ScopeList): Guard;
/** A guard that requires at least one of the scopes. @throws TypeError no scope was named: no token would pass. */
declare function guardAnyScope(...scopes: ScopeList): Guard;
/**
 * A guard that requires a claim to be one of the values, or an array that contains one of them.
 *
 * Compares with `===`, and reads own properties of the claims only.
 *
 * @throws TypeError no value was given, or one that is not a string, a number or a boolean.
 */
declare function guardClaim(name: string, ...values: readonly ClaimValue[]): Guard;
/**
 * A guard that calls a function of the application, which may be async. Only `true` passes; an answer that is no boolean is refused
 * like `false`, and emitted as `hook.failed`.
 *
 * When the function throws or is too slow, nothing was checked: the request gets 503, not 403.
 *
 * @throws TypeError `verifier` was not made by {@link createTokenVerifier}, or `predicate` is not a function.
 */
declare function guardCheck<Context>(
  verifier: TokenVerifier,
  predicate: (token: VerifiedToken, context: Context) => boolean | Promise<boolean>,
): Guard<Context>;
/**
 * Guards of single routes. Each verifies the request itself, unless that was done before. `Token` has the claims that the schema
 * of the verifier describes.
 */
interface RouteGuards<Middleware, Context, Token = VerifiedToken> {
  /** Requires all of the scopes. 403 `scope_insufficient` */
  scopes(...scopes: ScopeList): Middleware;
  /** Requires one of the scopes. 403 `scope_insufficient` */
  anyScope(...scopes: ScopeList): Middleware;
  /** Requires that a claim is one of the values, or an array that contains one. 403 `claim_refused` */
  claim(name: string, ...values: readonly ClaimValue[]): Middleware;
  /**
   * Requires that the user proved who they are within this time, and at one of the levels if there are any: see
   * {@link requireFresh}. 401 `authentication_insufficient`
   */
  fresh(within: Duration, ...acr: readonly string[]): Middleware;
  /** Requires one of the levels in the claim `acr`, compared as text. 401 `authentication_insufficient` */
  acr(...values: readonly string[]): Middleware;
  /**
   * Requires that a function of the application answers `true`, or a promise of it. 403 `claim_refused` for any other
   * answer; 503 `temporarily_unavailable` when it throws or is too slow.
   */
  check(predicate: (token: Token, context: Context) => boolean | Promise<boolean>): Middleware;
}
/**
 * Makes the guards of single routes for an adapter.
 *
 * @param verifier - made by {@link createTokenVerifier}, or the `verifier` of an issuer.
 * @param toMiddleware - makes middleware from a guard.
 * @throws TypeError `verifier` is something else; the message says what to pass.
 */
declare function createRouteGuards<Middleware, Context>(
  verifier: TokenVerifier,
  toMiddleware: (guard: Guard<Context>) => Middleware,
): RouteGuards<Middleware, Context>;

/** Options of `bearer` in every adapter. */
interface AuthenticationOptions {
  /**
   * `true` lets a request without a credential pass; one with a bad credential still fails, so that its client learns to
   * refresh. `'lenient'` lets a request with a bad or expired credential pass too, as that of a guest: the handler gets no
   * token, and `onEvent` gets `verification.refused`. Guards of single routes require a valid token in all cases, and a check
   * that could not be made is 503. @defaultValue `false`
   */
  readonly optional?: boolean | 'lenient' | undefined;
  /**
   * `'pass'` lets a CORS preflight pass without verification: `OPTIONS` with `Origin` and
   * `Access-Control-Request-Method`. Prefer to put `cors()` in front, with `exposedHeaders: ['WWW-Authenticate', 'Retry-After']`.
   * @defaultValue `'verify'`
   */
  readonly preflight?: 'verify' | 'pass' | undefined;
  /**
   * What the application wants to know of a refused request, `(req) => ({ ip: req.socket.remoteAddress })` for example: `request` in
   * the events `verification.refused` and `request.refused`. Called for refused requests only. When it throws or returns a promise,
   * that is reported as `hook.failed`. @defaultValue nothing
   */
  readonly requestContext?: RequestContext | undefined;
}
/** A request of a framework on Node. */
type ServerRequest = NodeRequest;
/**
 * Verifies requests and runs guards. It keeps the token of each request as long as the request exists, and shares it with
 * the other authenticators of the same verifier: a request is verified once.
 */
interface RequestAuthenticator {
  /**
   * Verifies the request. With `optional`, one without a credential passes, or one with a bad credential.
   *
   * @returns `undefined` when the request passed and nothing had to be awaited: its token is in the verifier's cache, the revocation
   * list lets it pass, and the verifier has neither `isRevoked` nor `transports`. Otherwise a promise, which rejects when the request fails.
   */
  authenticate(request: ServerRequest): Promise<void> | undefined;
  /** Verifies the request, unless that was done before, and calls a guard with its token. Rejects when either fails. */
  guard<Context>(request: ServerRequest, guard: Guard<Context>, context: Context): Promise<void>;
  /** The verified token of a request, or `undefined`. */
  tokenOf(request: object): VerifiedToken | undefined;
  /**
   * The verified token of a request, for a handler. With `optional`, `undefined` for a request that passed without one.
   *
   * @throws Error the request was not verified, and `optional` is off.
   */
  requireToken(request: object): VerifiedToken | undefined;
}
/**
 * Composes {@link verifyBearer} and guards for the `bearer` of an adapter.
 *
 * @param verifier - made by {@link createTokenVerifier}, or the `verifier` of an issuer.
 * @param adapterOptionNames - names of options that the adapter reads itself. Other names are an error.
 * @throws TypeError `verifier` is something else, or an option is wrong; the message says what to pass.
 */
declare function createRequestAuthenticator(
  verifier: TokenVerifier,
  options?: AuthenticationOptions,
  adapterOptionNames?: readonly string[],
): RequestAuthenticator;
/**
 * Requires that the first argument of a factory is not a request of Express or a context of Koa, as in `app.use(bearer)`.
 *
 * @param call - the code to write instead.
 * @throws TypeError the framework called the factory as middleware; the message says what to write.
 */
declare function requireCall(factory: string, firstArgument: unknown, call: string): void;

/**
 * Requires that the user proved who they are recently, by the claim `auth_time`, and at one of the levels, by the claim `acr`.
 *
 * A refresh does not renew `auth_time`: a login does, and a step-up ({@link reauthenticated}).
 *
 * @param within - how long ago at most. 1 second to 100 years. A number above 259 200 (three days) is refused: it is probably
 * milliseconds; text is not.
 * @param acr - levels, compared as text. Without them, every level passes.
 * @throws {@link InsufficientAuthenticationError} (401) `auth_time` is older, absent or in the future, or `acr` is none of the
 * levels. The client authenticates again and keeps everything.
 * @throws TypeError `within` is not a duration, or a level is not printable ASCII without spaces, quotes and backslashes.
 * @see RFC 9470 §3
 */
declare function requireFresh(
  token: VerifiedToken,
  within: Duration,
  ...acr: readonly string[]
): void;
/** A guard that does what {@link requireFresh} does. @throws TypeError a wrong argument. */
declare function guardFresh(
  within: Duration,
  ...acr: readonly string[]
): (token: VerifiedToken) => void;
/** A guard that requires one of the levels, however long ago it was reached. @throws TypeError no level was named. */
declare function guardAcr(...values: readonly string[]): (token: VerifiedToken) => void;

/** Milliseconds: since the epoch by the store's own clock, or a span of time. */
type Millis = number;
/**
 * The record of a session, without a token: one per session, of the same size after any number of rotations.
 *
 * It has two halves. A rotation writes the token half as one (`generation`, `secretHash`, `state`, `rotatedAt`). An update
 * writes members of the session half (`data`, `idleLifetime`, `expiresAt`). So neither can lose what the other wrote.
 */
interface SessionRecord {
  /** Session ID: owner tag and random part, 38 characters of base64url. Public: the claim `sid`. */
  readonly sessionId: string;
  /** Whose session it is, unique across all issuers that share the store. Text without lone surrogates, at most 1 056 characters. */
  readonly owner: string;
  /** Generation of the current refresh token: 1 at first. */
  readonly generation: number;
  /** Hash of the current refresh token's secret: 22 characters of base64url. */
  readonly secretHash: string;
  /** Opaque to the store: notes on the current generation. At most 1 024 characters, well-formed and without NUL. */
  readonly state: string;
  /** When the token half was written. */
  readonly rotatedAt: Millis;
  /** Opaque to the store: notes on the session. At most 8 192 characters, well-formed and without NUL. */
  readonly data: string;
  /** The session ends this long after `rotatedAt`. */
  readonly idleLifetime: Millis;
  /** The session ends at this time, however often it is refreshed. */
  readonly expiresAt: Millis;
  readonly createdAt: Millis;
  /** The highest generation that was seen in use: 0 at first. It never falls. */
  readonly confirmed: number;
}
/** A record and the time, by the store's clock, when it was read. */
interface SessionSnapshot extends SessionRecord {
  readonly asOf: Millis;
}
/** A session to create. The store adds the times and `confirmed`. */
interface NewSession extends Pick<
  SessionRecord,
  'sessionId' | 'owner' | 'generation' | 'secretHash' | 'state' | 'data' | 'idleLifetime'
> {
  /** The session ends this long after its creation. */
  readonly absoluteLifetime: Millis;
}
/** Maximum number of live sessions of an owner, and what happens beyond it. */
interface SessionLimit {
  readonly max: number;
  readonly onLimit: 'evict-oldest' | 'reject';
  /** ID of a session of the same owner that ends in the same step, before the limit is counted. Any other ID is ignored. */
  readonly replaces?: string;
}
type CreateResult =
  | {
      readonly outcome: 'created';
      readonly session: SessionSnapshot;
      /** Sessions of the owner that were ended to make room, least recently rotated first. */
      readonly evicted: readonly string[];
      /** Whether the session named by `replaces` was ended. */
      readonly replaced: boolean;
    }
  /** Nothing was written: the owner is at its limit, or the store has no room. */
  | {
      readonly outcome: 'refused';
      readonly reason: 'limit' | 'full';
    };
/** What the record must be, or it is not changed. Every member that is given must hold; at least one is given. */
interface Expected {
  /** Given together with `secretHash`, or not at all. */
  readonly generation?: number;
  readonly secretHash?: string;
  readonly confirmed?: number;
  readonly data?: string;
  /** `now - rotatedAt` must be greater than this, or less than its negative (the clock was ahead and was corrected). */
  readonly olderThan?: Millis;
}
/** What changes; all else stays. At least one member is given. */
interface Change {
  /** The next token half: `rotatedAt` becomes now, and the idle lifetime starts again. Without it, neither changes. */
  readonly token?: Pick<SessionRecord, 'generation' | 'secretHash' | 'state'>;
  readonly data?: string;
  readonly idleLifetime?: Millis;
  readonly expiresAt?: Millis;
}
type SwapResult =
  /** This call changed the record; `session` is the record after it. */
  | {
      readonly outcome: 'swapped';
      readonly session: SessionSnapshot;
    }
  /** The record is not as expected. It is unchanged; `session` is the record as it is when the conflict is found. */
  | {
      readonly outcome: 'conflict';
      readonly session: SessionSnapshot;
    }
  /** There is no live session with this ID. */
  | {
      readonly outcome: 'absent';
    };
/**
 * Keeps sessions: a compare-and-swap register per session, an index per owner, and a clock. A store has no policy.
 *
 * Every method is one atomic step: of two concurrent calls, one comes first and the other sees its result. A session that
 * has ended (idle too long, past its end, revoked, evicted, replaced) is absent to every method. Time is the store's clock.
 * A store never evicts a live session to free memory: that would sign a user out.
 *
 * `create`, `revokeOwner` and `list` refuse an owner with a lone surrogate, or keep it apart from the owner with the same
 * UTF-8 form.
 *
 * Every method rejects with a `StoreUnavailableError`, within the store's own deadline, when the store is down or slow, or
 * holds something else than a record. Whether the step was done is then unknown; it is never half done.
 */
interface SessionStore {
  /**
   * Adds a session and applies `limit`, in one step: after any number of concurrent calls, the owner has at most `max`
   * sessions. A call that is repeated with the same session ID and secret hash changes nothing and returns `created`. Rejects
   * for the ID of another live session, which stays as it is.
   */
  create(session: NewSession, limit: SessionLimit): Promise<CreateResult>;
  /** The live session with this ID. Extends no lifetime. */
  get(sessionId: string): Promise<SessionSnapshot | undefined>;
  /**
   * Changes a record if it is as `expect` says. Of any number of concurrent calls that expect one generation and hash and
   * write another, exactly one does. Never creates, so a revoked session does not come back.
   */
  swap(sessionId: string, expect: Expected, next: Change): Promise<SwapResult>;
  /**
   * Notes that an access token of this generation was seen in use: `confirmed` becomes the greater of the two. Ignores a
   * number greater than the generation of the record + 1. Extends no lifetime, and does nothing to a session that has ended.
   */
  confirm(sessionId: string, generation: number): Promise<void>;
  /** Ends a session: true for the one caller that ended it. */
  revoke(sessionId: string): Promise<boolean>;
  /** Ends all sessions of an owner but `except`, and returns the IDs of those. Wins against concurrent rotations. */
  revokeOwner(owner: string, except?: string): Promise<readonly string[]>;
  /** The live sessions of an owner, the most recently rotated first. */
  list(owner: string): Promise<readonly SessionSnapshot[]>;
  /**
   * Keeps the greater of `value` and what is stored under `name`, without expiry, in one atomic step, and returns it. 0 reads.
   * Whole numbers from 0 to 2^52; a name that was never raised has 0. Names have at most 2 100 characters.
   */
  raise(name: string, value: number): Promise<number>;
  /** Frees what the store itself holds open. */
  close?(): Promise<void>;
}

/** A key that seals refresh tokens. A new one may replace it at any time: no user is signed out. */
interface RefreshKeyOptions extends KeyStateOptions {
  /**
   * A whole number from 1 to 15, as text. Use an ID again only when all sessions under its former key have ended: the
   * refresh tokens of a live one cannot be opened with another secret, and its user would be signed out.
   * `replaceRefreshKeys` refuses that.
   */
  readonly kid: string;
  /** At least 32 bytes; not a secret of `keys`. */
  readonly secret: SecretMaterial;
}

/** When and how the user proved who they are. */
interface Authentication {
  /** Seconds since the epoch: the claim `auth_time`. @defaultValue now */
  readonly time?: number | undefined;
  /** The level that was reached: the claim `acr`. 1 to 256 characters, compared as text. */
  readonly acr?: string | undefined;
  /** The methods that were used: the claim `amr`, `['pwd', 'otp']` for example. At most 16 names. RFC 8176 */
  readonly amr?: readonly string[] | undefined;
}

/** Separates the records of one issuer from those of another. */
interface SessionOwnership {
  /** Prefix of the owner in every record of this issuer: 8 characters of the hash of the issuer's name, and a dot. */
  readonly ownerPrefix: string;
  /** The audiences of this issuer, as records name them. */
  readonly audienceMarks: readonly string[];
}

/** A live session. Times are milliseconds since the epoch, by the store's clock. */
interface SessionInfo<Metadata = unknown> {
  readonly sessionId: string;
  readonly subject: string;
  /** The scope that was granted, space-delimited. */
  readonly scope: string;
  /** Has the type that `metadataSchema` of the issuer describes. It was checked when it was stored, and is not checked again. */
  readonly metadata: Readonly<Record<string, unknown>> & Metadata;
  readonly createdAt: number;
  /** Time of the last rotation, or of the login. */
  readonly refreshedAt: number;
  /** When the session ends unless it is refreshed before. */
  readonly idleAt: number;
  /** When the session ends, however often it is refreshed. */
  readonly expiresAt: number;
}
/** A live session with all that was granted. */
interface SessionDetails<Metadata = unknown> extends SessionInfo<Metadata> {
  /** The OAuth client of the session. */
  readonly clientId?: string | undefined;
  /** The claim `aud` of its access tokens. */
  readonly audience: readonly string[];
  /** Whether the cookie outlives the browser. */
  readonly persistent: boolean;
  /** The last step-up, or else the login. Empty when it is not known. */
  readonly authentication: Authentication;
  /** Who acts for the subject. */
  readonly actor?: Actor | undefined;
}
/**
 * What the `claims` hook gets of the session: a copy for each call, frozen with everything in it. `scope` is the scope that this
 * access token will carry.
 */
interface ClaimsContext<Metadata = unknown> extends Omit<
  SessionDetails<Metadata>,
  'subject' | 'createdAt' | 'refreshedAt' | 'idleAt' | 'expiresAt'
> {
  /** When the session was created, in milliseconds by the store's clock; `undefined` at a login, before it is created. */
  readonly createdAt: number | undefined;
  /** `'issue'` at a login, `'refresh'` at a refresh, `'reauthenticate'` at a step-up. */
  readonly reason: 'issue' | 'refresh' | 'reauthenticate';
  /** What the application said of the request, not a copy; `undefined` when it said nothing. */
  readonly request: unknown;
}

/**
 * Returns the claims of an access token beside the registered ones, or `false` to deny the subject: then a login gets
 * {@link AccessDeniedError} (403), and a refresh ends the session. Called at a login and at every refresh, so a change of
 * role or a ban takes effect with the next access token; claims are never copied from an old token.
 *
 * A `scope` in the answer takes scopes away from this access token: some of `session.scope`, space-delimited. The session keeps
 * its grant.
 *
 * When it throws, is slower than `deadline` or returns anything else, the client gets 503 and nothing was spent. When it
 * returns more than fits into an access token of 8 192 characters, the client gets 500 ({@link TokenTooLargeError}), and
 * nothing was spent either.
 */
type ClaimsHook<Metadata = unknown> = (
  subject: string,
  session: ClaimsContext<Metadata>,
) => ClaimsAnswer | Promise<ClaimsAnswer>;
type ClaimsAnswer =
  | (Readonly<Record<string, unknown>> & {
      readonly scope?: string;
    })
  | false;
/** What {@link createTokenIssuer} takes for issuing; {@link VerificationOptions} go to its own verifier. */
interface IssuingOptions<Metadata = unknown> extends ProtectionSpaceOptions {
  /** Written as `iss`. With `audience` and the signature it must leave room for 4 096 bytes of subject and scope. */
  readonly issuer: string;
  /** Written as `aud`: at most 200 names. */
  readonly audience: string | readonly string[];
  /** The first key signs, the others only verify; unless their `state` says otherwise. */
  readonly keys: readonly [SigningKeyOptions, ...(VerificationKeyOptions | SigningKeyOptions)[]];
  /** The first key seals refresh tokens, the others only open them; unless their `state` says otherwise. */
  readonly refreshKeys: readonly [RefreshKeyOptions, ...RefreshKeyOptions[]];
  readonly store: SessionStore;
  /**
   * The revocation log of this issuer: announces ends of sessions and changes of claims, so that every process refuses the access
   * tokens at once. Give the same log to the verifiers of its tokens. Without one, access tokens live until `exp`.
   * @defaultValue a `MemoryRevocations` if `store` is a `MemorySessionStore`, otherwise none
   */
  readonly revocations?: Revocations | undefined;
  readonly claims?: ClaimsHook<Metadata> | undefined;
  /**
   * A Standard Schema for the answers of `claims`, of zod, valibot or arktype for example; it may be async. An answer that does
   * not fit is a failure of the hook: 503, and the event `hook.failed` names the members. What is signed is the answer itself,
   * not the output of the schema. The issuer's own `verifier` checks and types the claims of each token with the schema: a
   * token that was signed before a stricter schema is refused with `token_invalid`, so allow for it while such tokens live.
   * Requires `claims`. @defaultValue none
   */
  readonly claimsSchema?: StandardSchema | undefined;
  /**
   * A Standard Schema for the `metadata` of sessions, of zod, valibot or arktype for example; it may be async. It gives `metadata`
   * its type in {@link listSessions}, {@link updateSession}, in a grant and in the `claims` hook. Metadata that does not fit is a
   * TypeError at a login and at an update, and nothing is stored; a grant without metadata is checked as `{}`. What is stored is the
   * metadata itself, not the output of the schema. If the schema throws or exceeds `deadline`, the login gets 503.
   *
   * Not checked when it is read: a session from before a stricter schema keeps the metadata that it has. @defaultValue none
   */
  readonly metadataSchema?: StandardSchema<Metadata> | undefined;
  /**
   * How long an access token is valid. A number above 86 400 (one day) is refused, because it is probably milliseconds; text is not.
   * @defaultValue `'5m'` (300 seconds) @see RFC 7519 §4.1.4
   */
  readonly accessTokenLifetime?: Duration | undefined;
  /**
   * A session ends when it has not been refreshed for this time. At most `absoluteLifetime`. A number above 400 days is refused: it is
   * probably milliseconds. @defaultValue `'30d'` (30 days), or `absoluteLifetime` if that is shorter
   */
  readonly idleLifetime?: Duration | undefined;
  /**
   * Maximum age of a session, counted from login. Refreshing does not extend it. A number above 800 days is refused: it is probably
   * milliseconds. @defaultValue `'90d'` (90 days)
   */
  readonly absoluteLifetime?: Duration | undefined;
  /**
   * How long the predecessor of a refresh token gets the same successor again: for tabs that refresh together and for
   * responses that were lost. Set it longer than your clients' retry delay. A session rotates at most once in twice this
   * time; a refresh before that returns the same refresh token. 0 to 300 seconds; with 0, every second use of a refresh token
   * ends its session. @defaultValue 30 (seconds)
   */
  readonly reuseInterval?: Duration | undefined;
  /**
   * How long after its first use a spent refresh token can get another successor, because the answer with the first one was
   * lost. Only in sessions whose use was reported (by this issuer's `verifier` or `confirmGeneration`), and only while no
   * successor was seen in use. 0 to 7 days; 0 turns it off, and must be so with a `reuseInterval` of 0.
   * @defaultValue `'24h'` (24 hours)
   */
  readonly recovery?: Duration | undefined;
  /**
   * Maximum age of a session in which an actor acts for a subject. A number above 30 days is refused: it is probably milliseconds.
   * @defaultValue `'1h'` (1 hour)
   */
  readonly actorLifetime?: Duration | undefined;
  /** The claim `client_id` of sessions without a client. @defaultValue the name of the issuer @see RFC 9068 §2.2 */
  readonly clientId?: string | undefined;
  /**
   * Whether a refresh needs the access token too. Then keep a key among `keys` until the sessions with access tokens under it
   * have ended, the shorter of `idleLifetime` and `absoluteLifetime`: an access token whose key was removed counts as
   * absent, so its session could not be refreshed. `describeKeys` says until when.
   * @defaultValue `false`
   */
  readonly requireAccessToken?: boolean | undefined;
  /** Maximum number of live sessions per subject, 1 to 10 000. @defaultValue 100 */
  readonly maxSessions?: number | undefined;
  /**
   * What happens at a login beyond `maxSessions`: `'evict-oldest'` ends the least recently refreshed session, `'reject'`
   * refuses the login with 403. @defaultValue `'evict-oldest'`
   */
  readonly onSessionLimit?: 'evict-oldest' | 'reject' | undefined;
  /**
   * Maximum time for each call of the store or a hook: 0.01 seconds to 1 hour, fractions of a second too; above a minute as text.
   * @defaultValue 5 (seconds)
   */
  readonly deadline?: Duration | undefined;
  /**
   * Called with an event for everything that happens to sessions and tokens. Without it and without a subscriber of the diagnostics
   * channel `tokenpair`, each cause of a failure is one process warning.
   */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds, for `iat` and `exp`; sessions use the store's clock. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}
/** What `createTokenIssuer` returned, as far as issuing needs it: the checked options. */
interface IssuingContext<Metadata = unknown> extends SessionOwnership, MadeBy<'createTokenIssuer'> {
  /** Only a type: the metadata that `metadataSchema` describes. Has no value. */
  readonly '~metadata'?: Metadata;
  readonly issuer: string;
  readonly audience: readonly string[];
}

/** A key of an issuer, its state, and until when it is needed. */
interface KeyDescription {
  /** What the key is for. */
  readonly for: 'access tokens' | 'refresh tokens';
  readonly kid: string;
  /** Only for a key of access tokens. */
  readonly algorithm?: Algorithm;
  readonly state: KeyState;
  /** When the key entered its state, in milliseconds since the epoch. */
  readonly since: number;
  /**
   * When the last token made with a retiring key becomes useless, in milliseconds since the epoch; `undefined` in the other
   * states. A key of access tokens is needed until they have expired and, with `requireAccessToken`, until the sessions
   * that must present them have expired too.
   */
  readonly neededUntil: number | undefined;
  /** The description as a sentence, for a log. */
  readonly summary: string;
}

/** Options of {@link createTokenIssuer}. */
interface TokenIssuerOptions<Claims = unknown, Metadata = unknown>
  extends IssuingOptions<Metadata>, VerificationOptions {
  readonly claimsSchema?: StandardSchema<Claims> | undefined;
}
/** Issues token pairs and keeps their sessions. Only {@link createTokenIssuer} makes one. */
interface TokenIssuer<Claims = unknown, Metadata = unknown> extends IssuingContext<Metadata> {
  /** Verifies what this issuer signs. */
  readonly verifier: TokenVerifier<Claims>;
  /**
   * Replaces the keys for signing and verifying, from the next call on. A token whose key was removed is refused with
   * `token_key_unknown` at its next request, and its client refreshes.
   *
   * Give a new key a new `kid`. Another key under a known `kid` is accepted, so that any key can be withdrawn; but tokens
   * under the former key then have a bad signature (`token_invalid`), and their users must sign in again.
   *
   * @throws TypeError naming what is wrong with the keys; then no key is replaced.
   */
  replaceKeys(keys: IssuingOptions['keys']): void;
  /**
   * Replaces the keys of refresh tokens. No user is signed out, even when all former keys are removed.
   *
   * @throws TypeError naming what is wrong with the keys; then no key is replaced. A `kid` must not come with another secret
   * while sessions under its former secret may be live: while it is among the keys, and for the shorter of `idleLifetime`
   * and `absoluteLifetime` after its last use.
   */
  replaceRefreshKeys(refreshKeys: IssuingOptions['refreshKeys']): void;
  /** Describes each key: its state, and until when it is needed. */
  describeKeys(): readonly KeyDescription[];
}
/**
 * Checks options and imports keys, once. Pass the issuer to {@link issueTokenPair}, {@link refreshTokenPair},
 * {@link revokeSession}, {@link revokeSubject} and {@link listSessions}.
 *
 * @throws TypeError naming the option that is wrong or missing.
 */
declare function createTokenIssuer<Claims = unknown, Metadata = unknown>(
  options: TokenIssuerOptions<Claims, Metadata>,
): TokenIssuer<Claims, Metadata>;

declare const factories = 'issueTokenPair, refreshTokenPair or reauthenticated';
/** An access token, and the refresh token to get the next pair with. Only the functions of this package make one. */
interface TokenPair extends MadeBy<typeof factories> {
  readonly accessToken: string;
  /** The refresh token for the next refresh. Two refreshes within the settle time return the same one. */
  readonly refreshToken: string;
  /** False when `refreshToken` is the token that was presented: there is nothing new to store. */
  readonly refreshTokenChanged: boolean;
  readonly tokenType: 'Bearer';
  /** Seconds until the access token expires. */
  readonly expiresIn: number;
  /** Seconds until the refresh token expires if it is not used: the idle or the absolute end, whichever comes first. */
  readonly refreshExpiresIn: number;
  readonly sessionId: string;
  /** When the session ends, however often it is refreshed: seconds since the epoch, by the store's clock. */
  readonly sessionExpiresAt: number;
  /** The scope of the access token, space-delimited; empty when it has none. */
  readonly scope: string;
}
/** A token pair as clients read it. RFC 6749 §5.1, with further members about the refresh token and the session. */
interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds until the access token expires. */
  readonly expires_in: number;
  readonly refresh_token: string;
  /** Seconds until the refresh token expires if it is not used. */
  readonly refresh_expires_in: number;
  readonly scope?: string;
  readonly session_id: string;
  /** When the session ends, however often it is refreshed: seconds since the epoch. */
  readonly session_expires_at: number;
}
/**
 * The RFC 6749 §5.1 JSON of a pair, with `refresh_expires_in`, `session_id` and `session_expires_at`. Send it with `Cache-Control: no-store`.
 *
 * @throws TypeError `pair` is not what {@link issueTokenPair}, {@link refreshTokenPair} or {@link reauthenticated} returned: a promise of it, or a
 * copy.
 */
declare function tokenResponse(pair: TokenPair): TokenResponse;

/** An HTTP response as plain values. Adapters send it as it is. */
interface HttpResponse {
  readonly status: number;
  /** Names in the usual case; a value that is an array is one header line each. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** JSON text; absent when there is no body. */
  readonly body?: string;
}

/** The user who signs in, and what is granted. */
interface LoginGrant<Metadata = unknown> {
  /**
   * Stable ID of the account; the claim `sub`. Well-formed text of 1 to 1 024 characters. All that a grant puts into access
   * tokens takes at most 4 096 bytes of JSON.
   */
  readonly subject: string;
  /**
   * What is granted, for the whole session: `'a b'` or `['a', 'b']`, at most 2 048 characters.
   * @defaultValue no scope
   */
  readonly scope?: string | readonly string[] | undefined;
  /** Stored with the session and returned by `listSessions`, for example a device name. At most 4 096 characters of JSON. */
  readonly metadata?: GrantedMetadata<Metadata> | undefined;
  /** The session ends when it has not been refreshed for this time. @defaultValue that of the issuer, which is also the maximum */
  readonly idleLifetime?: Duration | undefined;
  /** Maximum age of the session, counted from login. @defaultValue that of the issuer, which is also the maximum */
  readonly absoluteLifetime?: Duration | undefined;
  /**
   * Whether the cookie outlives the browser. With `false` it has no `Max-Age`, at every refresh too ("do not keep me signed
   * in"). The end of the session does not depend on it. @defaultValue `true`
   */
  readonly persistent?: boolean | undefined;
  /**
   * The refresh token that this browser had. Its session ends, with the reason `'replaced'`. A token that is forged, of
   * another issuer or of an ended session is ignored.
   */
  readonly replaces?: string | undefined;
  /** The OAuth client of the session, compared at `/token` and `/revoke`; the claim `client_id`. At most 256 characters. */
  readonly clientId?: string | undefined;
  /** Some of the issuer's audiences: the claim `aud` of every access token of the session. @defaultValue all of them */
  readonly audience?: string | readonly string[] | undefined;
  /**
   * When and how the user proved who they are. A refresh never changes it. With `{ time: undefined }` the time is now.
   * @defaultValue `{}`: now, and nothing is known of the level and the methods
   */
  readonly authentication?: Authentication | undefined;
  /**
   * Who acts for the subject, for example support staff. The session is the actor's: it counts and ends with the actor's
   * sessions, and lasts at most `actorLifetime`. Every access token has the claim `act`.
   */
  readonly actor?: Actor | undefined;
}
/** What the schema of the issuer describes, or any object. A conditional type, so that an interface fits too. */
type GrantedMetadata<Metadata> = unknown extends Metadata
  ? Readonly<Record<string, unknown>>
  : Metadata;

/** The credentials that a request contains, at most once. */
interface ClientCredentials {
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string;
}
/**
 * Authenticates the client of a request to `/token` or `/revoke`. Compare secrets in constant time.
 *
 * `{ clientId }`: the client may use the sessions that were granted to it (`clientId` of the login). `true`: it may use them, and
 * also sessions that were granted to no client. Every other answer refuses the client.
 *
 * @param client - frozen; `undefined` when the request contains no credentials.
 * @param request - the request itself.
 */
type ClientAuthentication = (
  client: ClientCredentials | undefined,
  request: IncomingMessage,
) => ClientAnswer | Promise<ClientAnswer>;
type ClientAnswer =
  | boolean
  | {
      readonly clientId: string;
    };

/** How refresh tokens of a former system are exchanged. */
interface LegacyTokens {
  /**
   * Checks a refresh token that is not of this package. Returns the grant of its user, or `undefined` to refuse it. It is called
   * once per token, process and reuse interval, also when several tabs send the token together.
   *
   * The same token always leads to the same session, so accept it again for a minute after its first exchange: another tab, or a
   * client whose answer was lost, comes back with it. Refuse it after that. Otherwise a copy of it starts the session anew when the
   * session has ended, after a logout for example. Without `authentication` in the grant, nothing is known of when the user signed in.
   *
   * When it throws, is slower than `deadline` or returns anything else, the client gets 503 and repeats the request.
   */
  readonly exchange: (
    presented: string,
    request: IncomingMessage,
  ) => LoginGrant | undefined | Promise<LoginGrant | undefined>;
  /** From then on these tokens are refused: a `Date`, ISO 8601 text or milliseconds since the epoch. */
  readonly until: Date | string | number;
}

/** What tells two cookies of a browser apart. */
interface RefreshCookieIdentity {
  /**
   * Letters, digits and ``!#$%&'*+-.^_`|~``, at most 128. Give it a prefix: browsers let no other host set a cookie whose name begins
   * with `__Host-`, and no page over plain http one with `__Secure-`. A `__Host-` name is impossible with `path` or `domain`.
   * @defaultValue `'__Host-refresh_token'`; with `path` or `domain` `'__Secure-refresh_token'`
   */
  readonly name?: string | undefined;
  /**
   * The path to which the browser sends the cookie: that of the mount as the browser sees it, for example `'/auth'`.
   * @defaultValue none: `Path=/`
   */
  readonly path?: string | undefined;
  /**
   * A domain of this server, for example `'example.com'`: the browser sends the cookie to all its hosts, and each of them can read
   * and replace it. Only for servers that share the endpoints under several host names. @defaultValue none: this host only
   */
  readonly domain?: string | undefined;
  /**
   * Whether each site that embeds the page gets a separate cookie (CHIPS). Only with `sameSite: 'none'`. @defaultValue false
   */
  readonly partitioned?: boolean | undefined;
}
/** The option `cookie` of the token endpoints. */
interface RefreshCookieOptions extends RefreshCookieIdentity {
  /** `'none'` allows pages of other sites; many browsers block such cookies. @defaultValue `'strict'` */
  readonly sameSite?: 'strict' | 'lax' | 'none' | undefined;
  /**
   * The cookies of former releases, as these options were then: `[{}]` for the defaults, `[{ path: '/auth' }]`. They are
   * accepted, and removed when an answer sets the cookie. Of two live sessions, that of the present name counts.
   *
   * As long as an entry is here, a host of the domain that can set its cookie can sign in a visitor who has no session: every
   * https host can, unless the name begins with `__Host-`. Keep an entry for the idle lifetime of sessions. A browser sends a
   * cookie only below its path: after a change of the mount, mount the endpoints at the former path too. @defaultValue none
   */
  readonly former?: readonly RefreshCookieIdentity[] | undefined;
}

/** A request as an adapter passes it. */
interface EndpointRequest {
  readonly request: IncomingMessage;
  /** Path below the mount, with a leading slash and without the query. */
  readonly path: string;
  /** The body that a body parser has left; `undefined` without one. */
  readonly body: unknown;
}

/**
 * `'auto'`: the cookie for pages in browsers, which send `Origin` or `Sec-Fetch-Site`; the body for programs, apps (Capacitor,
 * Tauri) and browser extensions. A client may ask by the header `Token-Transport: body` or `cookie`.
 */
type TransportName = 'cookie' | 'body' | 'auto';

/** Options of `endpoints.login` and `endpoints.send`. */
interface LoginOptions {
  /**
   * Where the browser goes after a login that comes back by redirect, or by a form: a path or an absolute URL, as `Location` of a 303
   * answer. Only with the cookie. Never take it from the request unchecked. @defaultValue none: the pair as JSON
   */
  readonly redirect?: string | undefined;
}

/**
 * Decides whether a service may follow the revocation log. Compare secrets in constant time. Every answer but `true` refuses it.
 *
 * @param request - the request itself.
 */
type FollowerAuthentication = (request: IncomingMessage) => MaybePromise<boolean>;

/** Options of {@link createTokenEndpoints}. */
interface TokenEndpointOptions {
  /**
   * Where refresh tokens are: `'body'`, in the request (JSON or form) and the JSON response; `'cookie'`, which scripts cannot
   * read; `'auto'`, in the cookie for pages in browsers and in the body for programs, apps and browser extensions, or as the client
   * asks by the header `Token-Transport: body` or `cookie`. @defaultValue `'body'`
   */
  readonly transport?: TransportName | undefined;
  /** Attributes of the cookie. Not with the transport `'body'`. @defaultValue the strictest */
  readonly cookie?: RefreshCookieOptions | undefined;
  /**
   * Origins whose pages may refresh and log out by cookie, beside the server's own. That is `https` and the `Host` of the
   * request, or `http` on a loopback host. Behind a proxy that changes `Host`, name the origin that browsers see. Not with the
   * transport `'body'`, which has no cookie to protect; what pages may call it is said with CORS.
   * @defaultValue none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Authenticates the client at `/token` and `/revoke`. @defaultValue none: every client is accepted */
  readonly authenticateClient?: ClientAuthentication | undefined;
  /**
   * Decides which services may follow the revocation log: `(req) => boolean`, also as a promise. With it, there is
   * `GET <mount>/revocations`, for `remoteRevocations` of a verifier without Redis. Requires `revocations` of the issuer.
   * @defaultValue none: the log is not served
   */
  readonly authenticateFollower?: FollowerAuthentication | undefined;
  /**
   * What the application wants to know of a request, `(req) => ({ ip: req.ip })` for example: passed to the `claims` hook and into
   * events as `request`. When it throws or returns a promise, that is reported as `hook.failed`, and the request goes on.
   * @defaultValue nothing
   */
  readonly requestContext?: RequestContext | undefined;
  /** Exchanges refresh tokens of a former system, so that its users stay signed in. @defaultValue none */
  readonly legacy?: LegacyTokens | undefined;
  /**
   * Maximum number of refreshes that run at the same time in this process, 1 to 1 000 000. Beyond it the client gets 503 with a
   * `Retry-After` of 1 to 5 seconds. @defaultValue 200
   */
  readonly maxParallelRefreshes?: number | undefined;
  /**
   * How recently the user must have been authenticated to end other sessions (`/logout-all`, `DELETE /sessions/:id`). Otherwise
   * the request gets 401 `authentication_insufficient`. A number above 259 200 (three days) is refused: it is probably milliseconds.
   * @defaultValue not required
   */
  readonly requireFresh?: Duration | undefined;
  /** Absolute URL of the mount as clients see it. With it, there is RFC 8414 metadata for the root. @defaultValue none */
  readonly url?: string | undefined;
  /**
   * Members to add to the RFC 8414 metadata, or to replace in it: `authorization_endpoint` for example, if your application
   * has one, together with `response_types_supported` and `grant_types_supported`. Requires `url`. Members whose name ends in
   * `_endpoint` or `_uri` must be URLs; `issuer` cannot be changed. @defaultValue none
   */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}
/** The endpoints of an issuer, for any framework. */
interface TokenEndpoints {
  /**
   * The response to a request below the mount; `undefined` when no endpoint has its path.
   *
   * @throws AuthError the request is refused; respond with {@link TokenEndpoints.refuse}.
   */
  readonly handle: (request: EndpointRequest) => Promise<HttpResponse | undefined>;
  /** The response for an error, in the format of the endpoint. */
  readonly refuse: (request: EndpointRequest, error: AuthError) => HttpResponse;
  /**
   * The response that sends a pair to the client after a login.
   *
   * @throws {@link OriginRefusedError} (403) it sets the cookie, and the request comes from a page that is not allowed.
   * @throws TypeError `pair` is not what {@link issueTokenPair} or {@link refreshTokenPair} returned, a promise for example.
   */
  readonly deliver: (
    request: EndpointRequest['request'],
    pair: TokenPair,
    options?: LoginOptions,
  ) => HttpResponse;
  /** Issues a pair after a login and makes the response that sends it: see {@link LoginOptions}. */
  readonly login: (
    request: EndpointRequest['request'],
    grant: LoginGrant,
    options?: LoginOptions,
  ) => Promise<HttpResponse>;
  /** The response with a document at the root of the host; `undefined` for another path. */
  readonly handleRoot: (
    request: Omit<EndpointRequest, 'body'>,
  ) => Promise<HttpResponse | undefined>;
}
/**
 * Checks options and binds the endpoints to an issuer.
 *
 * @param tokens - what {@link createTokenIssuer} returned.
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError `tokens` is something else, a verifier for example; or naming the option that is wrong.
 */
declare function createTokenEndpoints(
  tokens: TokenIssuer,
  options?: TokenEndpointOptions,
  adapterOptionNames?: readonly string[],
): TokenEndpoints;

/** Metadata of a protected resource, which tells a client where to get a token. */
interface ProtectedResourceOptions {
  /** Absolute URL of the resource, as clients see it. */
  readonly resource: string;
  /** The issuers whose tokens the resource accepts, exactly as they write their `iss`. */
  readonly authorizationServers: readonly string[];
  /** Scopes that a client may need. @defaultValue none */
  readonly scopes?: string | readonly string[] | undefined;
}
/** The document of a protected resource, for any framework. */
interface ProtectedResource {
  /** The response at the root of the host; `undefined` for another path. */
  readonly handleRoot: (
    request: Omit<EndpointRequest, 'body'>,
  ) => Promise<HttpResponse | undefined>;
}
/**
 * Creates the RFC 9728 document of a resource. Put its URL into the verifier's option `resourceMetadata`.
 *
 * @throws TypeError naming the option that is wrong.
 */
declare function createProtectedResource(options: ProtectedResourceOptions): ProtectedResource;

/** A request for a page. An adapter makes one from what the framework gives it. */
interface PageExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as the browser sent them, also behind a mount that has taken a part of the path away. */
  readonly url: string;
  /** The parsed form; `undefined` where no parser has run. */
  readonly body: unknown;
}

/** The option `cookies`. Browsers let no other host set a cookie whose name begins with `__Host-`. */
interface PageCookieNames {
  readonly access?: string | undefined;
  readonly refresh?: string | undefined;
}

/** Options of `pages` in every adapter. */
interface PagesOptions {
  /**
   * Path of the page with the sign-in form, as browsers see it: `'/login'`. A person without a session is sent there, with the
   * query parameter `return`.
   */
  readonly signIn: string;
  /**
   * Path of the page on which a user proves again who they are. The guards `fresh` and `acr` need it. @defaultValue none
   */
  readonly reauthenticate?: string | undefined;
  /** Names of the two cookies. @defaultValue `__Host-page_access` and `__Host-page_refresh` */
  readonly cookies?: PageCookieNames | undefined;
  /**
   * Origins whose pages may send forms and requests with the cookies, beside the server's own. That is `https` and the `Host` of
   * the request, or `http` on a loopback host. Behind a proxy that changes `Host`, name the origin that browsers see.
   * @defaultValue none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * What the application wants to know of a request, `(req) => ({ ip: req.socket.remoteAddress })` for example: passed to the
   * `claims` hook and into events as `request`. When it throws or returns a promise, that is reported as `hook.failed`, and the
   * request goes on. @defaultValue nothing
   */
  readonly requestContext?: RequestContext | undefined;
  /**
   * Maximum number of refreshes that run at the same time in this process, 1 to 1 000 000. Beyond it a request that needs one
   * gets 503 with a `Retry-After` of 1 to 5 seconds. @defaultValue 200
   */
  readonly maxParallelRefreshes?: number | undefined;
}

/** What the `pages` of an adapter are made from. */
interface Pages {
  /**
   * Finds out whose request it is, once for each request. A request without a session passes. So does a form when that could not be
   * found out: a sign-out clears the cookies also during an outage. Guards and {@link Pages.tokenOf} throw the error then.
   *
   * @throws AuthError the request is refused (400, 403), or could not be checked (500, 503); answer with {@link Pages.refuse}.
   */
  authenticate(exchange: PageExchange): Promise<void>;
  /**
   * Requires a session, and calls a guard with its token.
   *
   * @throws AuthError there is none (401), the guard refuses it, or as {@link Pages.authenticate} says.
   */
  guard<Context>(
    exchange: PageExchange,
    guard: Guard<Context> | undefined,
    context: Context,
  ): Promise<void>;
  /** Makes the guards of single routes. */
  guards<Middleware, Context>(
    toMiddleware: (guard: Guard<Context>) => Middleware,
  ): RouteGuards<Middleware, Context>;
  /**
   * The token of a request; `undefined` for one without a session, and after a sign-in or a sign-out.
   *
   * @throws Error no `pages` of this issuer has seen the request.
   * @throws AuthError it could not be found out whose form it is (500, 503).
   */
  tokenOf(request: object): VerifiedToken | undefined;
  /** Starts a session, sets both cookies, and answers with a redirect to {@link Pages.returnPath}. */
  signIn(exchange: PageExchange, grant: LoginGrant): Promise<HttpResponse>;
  /** Notes that the user of the session proved again who they are, sets both cookies, and answers in the same way. */
  reauthenticated(exchange: PageExchange, authentication?: Authentication): Promise<HttpResponse>;
  /** Ends the session, clears both cookies, and answers with a redirect. */
  signOut(exchange: PageExchange, location?: string): Promise<HttpResponse>;
  /** The path to return to after a sign-in. */
  returnPath(exchange: Pick<PageExchange, 'url' | 'body'>): string;
  /** Whether {@link Pages.refuse} sends a person to sign in or to prove again who they are: never left to the application. */
  redirects(exchange: PageExchange, error: AuthError): boolean;
  /** The answer to a refused request. */
  refuse(exchange: PageExchange, error: AuthError): HttpResponse;
}
/**
 * Checks options and binds the pages to an issuer.
 *
 * @param tokens - what {@link createTokenIssuer} returned.
 * @param adapterOptionNames - members of `options` that the adapter reads itself. Others are refused by name.
 * @throws TypeError `tokens` is something else, has no `revocations` or has `requireAccessToken`; or naming the option that is wrong.
 */
declare function createPages(
  tokens: TokenIssuer,
  options: PagesOptions,
  adapterOptionNames?: readonly string[],
): Pages;

/**
 * The answer of a guard: `application/problem+json`, with the members `error`, `code`, `action` and, beside `Retry-After`,
 * `retry_after` in addition to the standard ones. Every text in it comes from the error table. RFC 9457 §3
 */
declare function problemResponse(error: AuthError): HttpResponse;
/** The answer of a token endpoint: JSON as in RFC 6749 §5.2, with the additional members `code`, `action` and `retry_after`. */
declare function tokenErrorResponse(error: AuthError): HttpResponse;

/** The settings for the tokens of one issuer. Without keys and secrets. */
interface TokenSettings {
  readonly kind: 'issuer' | 'verifier';
  /** The `iss` of the tokens. `undefined`: the verifier has a function that finds the issuer of each token. */
  readonly issuer: string | undefined;
  /** Seconds. `undefined` for a verifier. */
  readonly accessTokenLifetime: number | undefined;
  /** `undefined`: access tokens live until `exp`. */
  readonly revocations: RevocationsSettings | undefined;
}
/**
 * The settings of what `createTokenIssuer` or `createTokenVerifier` returned, also in another copy of this package.
 *
 * @returns one entry for an issuer; one for each accepted issuer of a verifier; `undefined` for any other value.
 */
declare function settingsOf(value: unknown): readonly TokenSettings[] | undefined;

/**
 * Reads an options object. Every public function that takes one uses this, also those of the other packages.
 *
 * Checks that the value is a plain object and that every own member with a string name, enumerable or not, is among `known`:
 * a misspelled option must not become a default. Refuses an instance of a class and an object with another prototype,
 * because inherited members would be ignored. Does not check members with a symbol as name, nor values: `undefined` is
 * accepted for every known name.
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
 * Checks, in this order: one well-formed credential of at most `maxTokenBytes`; the token's shape; `alg`, `crit` and `typ`;
 * the key that `kid` names, or without `kid` the only key of the algorithm; the signature; `exp` (required), `nbf`, `iss`,
 * `aud`, `sub` or the `subjectClaim` (required); that the token is not bound to
 * a key (`cnf`); the revocation list, for an issuer with `revocations`; and `isRevoked`, when the verifier has it. For a token in
 * the verifier's cache it checks the key, the times, the list and `isRevoked` again; the other checks have the same result.
 * Does not check scopes ({@link requireScopes}). Without `revocations` and `isRevoked` it does not check whether the session was
 * revoked.
 *
 * @param verifier - made by {@link createTokenVerifier}, or the `verifier` of an issuer.
 * @param request - Node's request (also that of Express and Koa), a Fetch `Request`, an object with `headers` whose names are in
 * any case, as in an event of AWS Lambda, or the value of `Authorization`.
 * @param options - `request`: what the application says of the request, for events.
 * @returns subject, scopes as a set, session ID and all claims; times are seconds since the epoch.
 * @throws {@link MissingTokenError} (401) no bearer credential was sent; a credential of another scheme does not count.
 * @throws {@link InvalidRequestError} (400) the credential is malformed, or there are several.
 * @throws {@link OriginRefusedError} (403) the credential is in a cookie, and the request comes from a page that may not
 * use it: see {@link TokenTransports}. Requests that change nothing are not checked for this.
 * @throws {@link InvalidTokenError} (401) a check failed; `code` is for programs, `check` for logs.
 * @throws {@link SessionRevokedError} (401) the session was revoked, or `isRevoked` answered true.
 * @throws {@link ClaimsStaleError} (401) the claims may be older than a change that was announced.
 * @throws {@link TemporarilyUnavailableError} (503) a hook, the clock or the loading of keys failed, or the revocation list is behind
 * and `whenBehind` is `'refuse'`.
 * @throws TypeError `verifier` was not made by {@link createTokenVerifier} or {@link createTokenIssuer}, or the request is an
 * object without headers.
 * @see RFC 6750 §2, RFC 9068 §4
 */
declare function verifyBearer<Own = unknown>(
  verifier: TokenVerifier<Own>,
  request: BearerSource,
  options?: {
    readonly request?: unknown;
  },
): Promise<VerifiedToken<Own>>;

/**
 * Watches a token that outlives its request, on a socket or a stream. Calls back once, when a request with the token would be
 * refused: never before this function has returned.
 *
 * Asks the revocation list at once, so nothing is missed between the verification and this call. Without `revocations` only the end
 * of the token is watched. A list that is behind ends nothing. Does not call `isRevoked`.
 *
 * To renew: verify the new token, watch it, and call the function that the former watch returned.
 *
 * @param verifier - the verifier that verified the token.
 * @param token - what it returned.
 * @param callback - gets a {@link SessionRevokedError}, a {@link ClaimsStaleError}, or an {@link InvalidTokenError} with the code
 * `token_expired`: close the connection. An error of the callback is the event `hook.failed`.
 * @returns a function that ends the watch.
 * @throws TypeError an argument is something else.
 * @example
 * const stop = watchToken(verifier, token, (error) => socket.close(4401, error.code));
 * socket.on('close', stop);
 */
declare function watchToken(
  verifier: TokenVerifier,
  token: VerifiedToken,
  callback: (error: AuthError) => unknown,
): () => void;

/**
 * Starts a session and issues its first token pair. Checks no password: call it when the user's identity is proved.
 *
 * The session is stored after the `claims` hook has answered and the access token is signed. With `replaces`, the former session
 * ends in the same step.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param options - `request`: what the application says of the request, for the `claims` hook and for events.
 * @throws {@link AccessDeniedError} (403) the `claims` hook returned `false`.
 * @throws {@link SessionLimitError} (403) the subject has `maxSessions` sessions, and `onSessionLimit` is `'reject'`.
 * @throws {@link StoreFullError}, {@link StoreUnavailableError} (503) the store has no room, or did not answer.
 * @throws {@link TemporarilyUnavailableError} (503) the `claims` hook or `metadataSchema` failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook returned more than fits into an access token.
 * @throws TypeError `tokens` is something else, or `grant` does not fit its type or `metadataSchema`, or has an unknown member;
 * nothing is stored.
 */
declare function issueTokenPair<Metadata = unknown>(
  tokens: IssuingContext<Metadata>,
  grant: LoginGrant<NoInfer<Metadata>>,
  options?: {
    readonly request?: unknown;
  },
): Promise<TokenPair>;

/** Options of {@link refreshTokenPair}. */
interface RefreshOptions {
  /** The access token of the pair as further evidence, expired or not. */
  readonly accessToken?: string | undefined;
  /**
   * Scope of the next access token, space-delimited: at most what was granted at login. The session keeps all of its scope.
   * RFC 6749 §6 @defaultValue the scope of the session
   */
  readonly scope?: string | undefined;
  /** The authenticated OAuth client. A session of another client, or of none, is refused. @defaultValue not compared */
  readonly clientId?: string | undefined;
  /**
   * Set it in server code that refreshes for a browser and uses the new access token before the browser has stored the
   * cookie. The access token then names the presented generation, because only that one was stored. @defaultValue `false`
   */
  readonly relay?: boolean | undefined;
  /** What the application says of the request, for the `claims` hook and for events. @defaultValue nothing */
  readonly request?: unknown;
}
/**
 * Exchanges a refresh token for the next token pair.
 *
 * A session rotates at most once per settle time, which is twice `reuseInterval`. A refresh before that returns a new
 * access token and the presented refresh token (`refreshTokenChanged` is false). Of any number of calls with one token,
 * exactly one rotates; the others get the identical refresh token, within the reuse interval.
 *
 * A predecessor that comes after the settle time gets another successor while `recovery` allows it: an access token of the
 * session was seen in use, and none of a successor. Otherwise it is treated as reused, like every older token: its session
 * ends, and no other. If the store has lost the last rotation, the presented token is written again.
 *
 * A token that was in order when a call began is never treated as reused by that call, however slow a hook is. A call that
 * fails with 503 has spent nothing, unless the store's answer was lost: repeat it with the same token.
 *
 * Checks the tag before the store is asked; generation and secret against the record; both lifetimes by the store's
 * clock; the access token's signature, `iss`, `aud`, `sub` and `sid` when it is sent along, not its times. An access token
 * whose `kid` is not among the keys counts as absent.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param refreshToken - as the client sent it. Anything but a string is refused.
 * @throws {@link MissingRefreshTokenError} (401) `refreshToken` is undefined, null or empty.
 * @throws {@link InvalidRefreshTokenError} (401) it is forged, unknown, expired, revoked or reused, of another client than
 * `clientId`, or the `claims` hook denied its subject.
 * @throws {@link RefreshPendingError} (503) it cannot be decided yet; nothing happened. Repeat after `Retry-After`.
 * @throws {@link TokenPairMismatchError} (401) the access token is not of this session; nothing was spent.
 * @throws {@link ScopeNotGrantedError} (400) more scope was asked for than was granted; nothing was spent.
 * @throws {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503) store or hook failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook answered more than fits into an access token; nothing was spent.
 * @throws TypeError `tokens` is something else, or `options` has an unknown member, `access_token` for example; nothing was
 * spent.
 */
declare function refreshTokenPair(
  tokens: IssuingContext,
  refreshToken: string | null | undefined,
  options?: RefreshOptions,
): Promise<TokenPair>;

/** Which session: that of a refresh token, or the one with this ID. */
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
 * Ends one session: no further access token is issued for it. With `revocations`, its access tokens are refused at once in this
 * process, and in others when they have read the log. Without it they stay valid until they expire, unless `isRevoked` refuses
 * them. Idempotent.
 *
 * Accepts every refresh token of the session, also a spent one, unless the key that sealed it is no longer among the keys.
 * Needs no access token. A forged refresh token ends nothing. Does not check whose session ID it is: check that before.
 *
 * A session that the store does not have is announced too, so that a call that is repeated after a crash has its effect.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @returns true when this call ended a session; false for an unknown session, or when another call came first.
 * @throws {@link StoreUnavailableError} (503) the session may still be live: repeat the call.
 * @throws {@link RevocationsUnavailableError} (503) the session has ended, and the revocation log has not taken it within
 * `deadline`: other processes may not know it yet. It is repeated; call again to wait again.
 * @throws {@link MissingRefreshTokenError} (401) neither a refresh token nor a session ID was given.
 * @throws TypeError `tokens` is something else, or the reference has both members or an unknown one.
 */
declare function revokeSession(
  tokens: IssuingContext,
  reference: SessionReference,
  options?: {
    readonly request?: unknown;
  },
): Promise<boolean>;
/**
 * Ends all sessions of a subject, or all but one: for example after a change of password. A refresh at the same time cannot
 * keep a session alive. Does not end sessions in which an actor acts for the subject: they are the actor's.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param options - `except`: the ID of a session that continues. `request`: what the application says of the request, for events.
 * @returns the IDs of the sessions that this call ended.
 * @throws {@link StoreUnavailableError} (503) sessions may still be live: repeat the call.
 * @throws {@link RevocationsUnavailableError} (503) the sessions have ended, and the revocation log has not taken it within `deadline`:
 * other processes may not know it yet. It is repeated; call again to wait again.
 * @throws TypeError `tokens` is something else, the subject is not well-formed text of 1 to 1 024 characters, or `options`
 * has an unknown member.
 */
declare function revokeSubject(
  tokens: IssuingContext,
  subject: string,
  options?: {
    readonly except?: string | undefined;
    readonly request?: unknown;
  },
): Promise<readonly string[]>;

/**
 * Ends all sessions of an issuer and refuses all its access tokens: after a break-in, or after a backup was restored. There is no
 * undo, and clients that hear of it have dropped their tokens.
 *
 * A login that begins after the call has returned is good on every process. One that began before is ended.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param issuer - the name of the issuer, so that no one calls this by mistake.
 * @param options - `request`: what the application says of the request, for events.
 * @throws {@link RevocationsUnavailableError} (503) it is unknown whether the log has the mark. It is not repeated, because a late
 * one would end newer sessions. Call again; that also ends the sessions that began since.
 * @throws TypeError `tokens` is something else or has no `revocations`, or `issuer` is not its name.
 * @example await revokeEverything(tokens, 'https://api.example.com');
 */
declare function revokeEverything(
  tokens: IssuingContext,
  issuer: string,
  options?: {
    readonly request?: unknown;
  },
): Promise<void>;

/** Whose claims have changed: a subject's, those of one session, or those of everyone. */
type ClaimsReference =
  | {
      readonly subject: string;
      /** ID of a session whose tokens are left alone. */
      readonly except?: string | undefined;
      readonly sessionId?: undefined;
      readonly everyone?: undefined;
    }
  | {
      readonly sessionId: string;
      readonly subject?: undefined;
      readonly except?: undefined;
      readonly everyone?: undefined;
    }
  | {
      readonly everyone: true;
      readonly subject?: undefined;
      readonly except?: undefined;
      readonly sessionId?: undefined;
    };
/**
 * Refuses the access tokens that may carry old claims, with `claims_stale`: their clients refresh once, and the `claims` hook is
 * asked again. No user is signed out. Commit the change first, a new role for example, then call this.
 *
 * `everyone` makes every client refresh at once. `maxParallelRefreshes` of the endpoints bounds how many a process serves.
 *
 * Does not reach sessions in which an actor acts for the subject: they are the actor's.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param options - `request`: what the application says of the request, for events.
 * @throws {@link RevocationsUnavailableError} (503) the log has not taken it within `deadline`: the change may not hold yet. It is
 * repeated; call again to wait again.
 * @throws TypeError `tokens` is something else or has no `revocations`, or the reference is not one of the three.
 * @example await revokeClaims(tokens, { subject: 'u_1' });
 */
declare function revokeClaims(
  tokens: IssuingContext,
  reference: ClaimsReference,
  options?: {
    readonly request?: unknown;
  },
): Promise<void>;

/**
 * Lists the live sessions of a subject, the most recently refreshed first. Sessions in which an actor acts for the subject are
 * the actor's, and are listed under the actor.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @throws {@link StoreUnavailableError} (503) the store did not answer.
 * @throws TypeError `tokens` is something else, or the subject is not well-formed text of 1 to 1 024 characters.
 */
declare function listSessions<Metadata = unknown>(
  tokens: IssuingContext<Metadata>,
  subject: string,
): Promise<readonly SessionInfo<Metadata>[]>;

/** What {@link updateSession} can change. `absoluteLifetime` counts from the login. */
type SessionChange<Metadata = unknown> = Partial<
  Pick<
    LoginGrant<Metadata>,
    'scope' | 'metadata' | 'idleLifetime' | 'absoluteLifetime' | 'audience'
  >
>;
/**
 * Changes a session. What is left out stays. The change holds from the next refresh on. With `revocations`, a change of scope or
 * audience is announced: access tokens that were issued before are refused with `claims_stale`, and their clients refresh. Without
 * it they keep what they say.
 *
 * Refreshes at the same time do not disturb it, and it does not disturb them. Of two updates at the same time, the second reads
 * the session again, so a function sees what the first has written.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param sessionId - the claim `sid`. Does not check whose session it is: check that before.
 * @param change - the change, or a function that returns it for the session as it is, or `undefined` for no change. It may be
 * called several times.
 * @param options - `request`: what the application says of the request, for events.
 * @returns the session after the change; `undefined` when there is no such session, or the function returned `undefined`.
 * @throws {@link StoreUnavailableError} (503) the store did not answer, or five attempts met other updates: repeat the call.
 * @throws {@link RevocationsUnavailableError} (503) the session is changed, and the revocation log has not taken the announcement
 * within `deadline`: older access tokens may still pass. It is repeated.
 * @throws TypeError `tokens` is something else, or a member of the change is wrong or unknown, or does not fit `metadataSchema`; nothing
 * is changed.
 */
declare function updateSession<Metadata = unknown>(
  tokens: IssuingContext<Metadata>,
  sessionId: string,
  change:
    | SessionChange<NoInfer<Metadata>>
    | ((was: SessionDetails<NoInfer<Metadata>>) => SessionChange<NoInfer<Metadata>> | undefined),
  options?: {
    readonly request?: unknown;
  },
): Promise<SessionInfo<Metadata> | undefined>;

/**
 * Issues a new pair after a step-up: the user of a live session has proved again who they are.
 *
 * Checks no proof: call it when the user's identity is proved. The new refresh token is random, so that no copy of an older
 * token ever gets the new level. The former tokens of the session are spent; a copy that is used after the settle time ends the
 * session. `auth_time`, `acr` and `amr` of the access tokens are those of the step-up, and no refresh renews them.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param session - a refresh token of the session, or its ID. Does not check whose session it is: check that before.
 * @param authentication - how and when the user proved it. @defaultValue `{}`: now
 * @param options - `request`: what the application says of the request, for the `claims` hook and for events.
 * @throws {@link InvalidRefreshTokenError} (401) there is no such session, or the token is forged.
 * @throws {@link MissingRefreshTokenError} (401) neither a refresh token nor a session ID was given.
 * @throws {@link AccessDeniedError} (403) the `claims` hook returned `false`; the session has ended.
 * @throws {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503) store or hook failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook returned more than fits into an access token.
 * @throws TypeError an argument does not fit its type, has an unknown member or is too large for an access token; nothing is
 * changed.
 * @see RFC 9470 §4
 */
declare function reauthenticated(
  tokens: IssuingContext,
  session: SessionReference,
  authentication?: Authentication,
  options?: {
    readonly request?: unknown;
  },
): Promise<TokenPair>;

/**
 * Notes that an access token was used at a server that has no access to the session store. Servers that verify with the
 * issuer's own `verifier` need not call it: that verifier reports by itself.
 *
 * After it, no older refresh token of the session can recover a lost answer. Checks the signature and the claims of the token,
 * not its times: who forwards it must not be able to report a number of their own. A token without the claim `gen` is
 * accepted and reports nothing.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @throws {@link InvalidTokenError} (401) the token is not of this issuer.
 * @throws {@link StoreUnavailableError} (503) the store did not answer. Nothing is lost: the next use may be reported instead.
 * @throws TypeError `tokens` is something else.
 */
declare function confirmGeneration(tokens: IssuingContext, accessToken: string): Promise<void>;

/** One key, in any form that the key options accept. A secret must have at least 32 bytes. */
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
 * Computes the thumbprint of a key. It is the default `kid` of a single key. A private key and its public key have the same
 * thumbprint. Does not check size, curve or algorithm.
 *
 * @returns SHA-256 in base64url, 43 characters.
 * @throws TypeError there is not exactly one key, or it is unreadable or has no JWK form; the message names the option.
 * @see RFC 7638 §3, RFC 8037 §2
 */
declare function keyThumbprint(key: KeyToName): string;

/** How a document is fetched. */
interface FetchOptions {
  /**
   * Request headers, for example one that authenticates this server, or a function that returns them, also as a promise:
   * for a token that expires. The function is called for each request and has the time of the load. If it fails, the load
   * fails. `Accept-Encoding` cannot be changed. @defaultValue only `Accept`
   */
  readonly headers?: RequestHeaders | (() => MaybePromise<RequestHeaders>) | undefined;
  /**
   * Names of hosts that may be asked over plain http, without port and patterns: `['keycloak']`. Who can change the traffic to
   * such a host can sign tokens that are accepted: name only hosts inside a network that you trust.
   * @defaultValue none: http is for loopback hosts only
   */
  readonly allowInsecureHosts?: readonly string[] | undefined;
  /**
   * Certificate authorities as PEM text, trusted *instead of* those of Node: for an endpoint whose certificate comes from a
   * private authority. @defaultValue the certificate authorities of Node
   */
  readonly ca?: string | readonly string[] | undefined;
  /**
   * Node's `http.Agent` or `https.Agent`, for a proxy. Over TLS nothing is sent before the server's certificate has been
   * verified for the host in the URL; `rejectUnauthorized`, `checkServerIdentity` and `servername` of the agent do not
   * change that. A connection that resumes a TLS session is refused: the agents of Node make a full handshake by
   * themselves, an agent that stores sessions must be set to make one.
   * @defaultValue the global agent of Node, which uses a proxy if `NODE_USE_ENV_PROXY` is set; a new connection for each load
   */
  readonly agent?: http.Agent | undefined;
  /**
   * Used instead of Node's `http` and `https`: for another transport, or for tests with msw, nock or mock-jwks, as
   * `(url, init) => fetch(url, init)`. Then the function decides about certificates, proxies and connections, and tokenpair
   * checks only status, size and content. Redirects are refused, if the function observes `redirect: 'manual'`, or sets
   * `redirected` as the Fetch API does. Not with `ca` or `agent`. @defaultValue none
   */
  readonly fetch?: FetchFunction | undefined;
}
type RequestHeaders = Readonly<Record<string, string>>;
/** The part of the Fetch API that is used. The `fetch` of every runtime fits. */
type FetchFunction = (
  url: string,
  init: {
    readonly method: 'GET';
    readonly headers: Record<string, string>;
    readonly redirect: 'manual';
    readonly signal: AbortSignal;
  },
) => Promise<FetchedResponse>;
/** The part of a Fetch `Response` that is read. */
interface FetchedResponse {
  readonly status: number;
  /** Whether a redirect was followed: then the load fails. */
  readonly redirected?: boolean;
  /** Read in pieces if it is iterable, so that a body that is too large is not read to its end. */
  readonly body?: unknown;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Options of {@link remoteRevocations}. */
interface RemoteRevocationsOptions extends FollowOptions, FetchOptions {}
/**
 * Follows the revocation log that an issuer serves at `<mount>/revocations`, for the option `revocations` of a verifier. It cannot
 * announce: an issuer that gets it throws a TypeError.
 *
 * Asks every `pollInterval` (1 second by default) over a connection that is kept open, so a logout is known after about 1.5
 * seconds. Choose a `maxAge` of at least 5 seconds. A request takes at most 3 seconds, and the rules of `remoteKeySet` hold: https,
 * a verified certificate, status 200, at most 512 KB, no redirect. A page that names another issuer, or that does not say how old
 * it is, changes nothing and is no contact.
 *
 * @param url - for example `https://login.example.com/auth/revocations`.
 * @throws TypeError the URL or an option is wrong; the message names it.
 * @example
 * ```ts
 * const revocations = remoteRevocations('https://login.example.com/auth/revocations', {
 *   headers: { authorization: `Bearer ${process.env.FOLLOWER_SECRET}` },
 * });
 * const verifier = createTokenVerifier({ issuer, audience, keys, revocations });
 * ```
 */
declare function remoteRevocations(
  url: string | URL,
  options?: RemoteRevocationsOptions,
): Revocations;

/** When keys are loaded again, and how long they are kept. */
interface KeyRefreshOptions {
  /**
   * Age at which the keys are loaded again: 1 second to 1 day. The present keys stay in use during the load. Only if no
   * load has started for twice this time does the next request wait for the load, so that a key that was removed long ago
   * is not accepted.
   * @defaultValue `'10m'` (10 minutes)
   */
  readonly refreshInterval?: Duration | undefined;
  /**
   * Minimum time from the start of one load to the start of the next while there are usable keys: 0.01 seconds to
   * `refreshInterval`, fractions of a second too. It limits the loads that unknown `kid`s cause. A key that signs as soon as it is published may be
   * refused for this long. Without usable keys the next load may start 2 seconds after a failed one.
   * @defaultValue 30 (seconds), or `refreshInterval` if that is shorter
   */
  readonly cooldown?: Duration | undefined;
  /**
   * How long after `refreshInterval` the last good keys stay in use while loading fails: 0 to 7 days. Then requests get
   * 503. A longer time survives longer outages; a key that is withdrawn during one is accepted until its end.
   * @defaultValue `'1h'` (1 hour)
   */
  readonly staleFor?: Duration | undefined;
  /** Maximum time of one load, all requests included: 0.01 to 60 seconds, fractions of a second too. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /**
   * Called with `keys.unavailable` and its cause for every failed load. The `onEvent` of each verifier with these keys hears it too.
   */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds. It may go back. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Options of {@link remoteKeySet}, `discoveredKeySet` and `discover`. */
interface RemoteKeySetOptions extends KeyRefreshOptions, FetchOptions {
  /**
   * Algorithms that the keys may be for, asymmetric ones only. A key without `alg` is for the first of these that fits it,
   * and for no other.
   * @defaultValue RS256, which OpenID Connect requires of every issuer; then RS384, RS512, PS256, PS384, PS512, ES256,
   * ES384, ES512, EdDSA, Ed25519
   */
  readonly algorithms?: readonly Algorithm[] | undefined;
}
/**
 * Creates a key source for the JWK set at a URL, for the option `keys` of a verifier. Fetches nothing until a key is first
 * looked up.
 *
 * Fetches over https and verifies the server's certificate before anything is sent (http from a loopback host only, and from `allowInsecureHosts`).
 * Accepts status 200, at most 512 KB of JSON and at most 100 keys, and follows no redirect. Uses asymmetric public keys
 * whose `use`, `key_ops` and `alg` allow one of `algorithms`. Ignores shared secrets (`kty: oct`), private
 * keys, and every `kid` that two different keys share. A set without a usable key is a failed load.
 *
 * The options say how long a set is kept. While loading fails, the last good set stays in use for `staleFor`. After that,
 * and before the first good set, requests get 503 `temporarily_unavailable` with the reason as `cause`.
 *
 * @throws TypeError the URL or an option is wrong; the message names it.
 * @see RFC 7517 §5, RFC 8725 §3.1
 */
declare function remoteKeySet(url: string | URL, options?: RemoteKeySetOptions): KeySource;

/** What {@link discover} found. */
interface Discovery {
  /** The issuer as given, equal to `issuer` in its metadata. A value for the option `issuer` of a verifier. */
  readonly issuer: string;
  /** The key set of the issuer. A value for the option `keys` of a verifier. */
  readonly keys: KeySource;
  /** The whole metadata document, frozen. Only `issuer` and `jwks_uri` have been checked. */
  readonly metadata: Readonly<Record<string, unknown>>;
}
/**
 * Fetches the metadata of an issuer once, now: for a server that should not start unless its issuer is right and reachable.
 * {@link discoveredKeySet} fetches it when the first token comes, and again with every load.
 *
 * Tries the OpenID Connect document (`<issuer>/.well-known/openid-configuration`), then that of RFC 8414
 * (`/.well-known/oauth-authorization-server`, before the issuer's path). Fetches both as {@link remoteKeySet} does.
 * `jwks_uri` must be a URL that `remoteKeySet` accepts, and https if the issuer is on https.
 *
 * @param issuer - exactly as in `iss`; a slash at the end counts.
 * @param options - for the key set; `deadline` also limits this call. `headers` are sent to the issuer's own origin only.
 * @throws TypeError an option is wrong, or the metadata is of another issuer or has no usable `jwks_uri`.
 * @throws {@link TemporarilyUnavailableError} (503) neither document could be fetched; `cause` says why.
 */
declare function discover(issuer: string, options?: RemoteKeySetOptions): Promise<Discovery>;
/**
 * Creates a key source for an issuer, for the option `keys` of a verifier. Looks for the key set when a key is first looked
 * up, so a server starts without the network. Each load is two requests: it fetches the issuer's metadata again and then the
 * key set that `jwks_uri` names. The rules are those of {@link discover} and {@link remoteKeySet}, but wrong metadata is a
 * failed load.
 *
 * @throws TypeError the issuer or an option is wrong; the message names it.
 */
declare function discoveredKeySet(issuer: string, options?: RemoteKeySetOptions): KeySource;

/** Returns all present keys: an array, or a parsed JWK Set. When the signal is aborted the answer is too late, and the work can stop. */
type LoadKeys = (signal: AbortSignal) => Promise<KeysInMemory>;
/**
 * Creates a key source from a function of the application, for the option `keys` of a verifier. Calls the function when a
 * key is first looked up and then as the options say, one call at a time.
 *
 * Checks each answer like an array of keys in the option itself. A wrong answer (no keys, two keys with one `kid`, a
 * private key) is a failed load, and so is a rejection: the last good keys stay in use for `staleFor`, then requests get
 * 503. A key that is missing from an answer is refused from then on.
 *
 * @throws TypeError `load` is not a function, or an option is wrong. Nothing has been loaded yet.
 */
declare function loadedKeySet(load: LoadKeys, options?: KeyRefreshOptions): KeySource;

/** Options of {@link MemorySessionStore}. */
interface MemorySessionStoreOptions {
  /**
   * Maximum number of sessions of all owners together, 1 to 10 000 000. A login beyond it gets 503 `store_full`.
   * @defaultValue 100 000
   */
  readonly capacity?: number | undefined;
  /** Time between two removals of sessions that have ended, 1 second to 1 day. @defaultValue `'1m'` (1 minute) */
  readonly sweepInterval?: Duration | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}
/**
 * Keeps sessions in the memory of this process: they end with it, and other processes do not see them. For development,
 * tests and services of one process. In production, in a cluster and under a process manager it emits one process warning.
 *
 * A full store refuses further logins. It never evicts a live session of another owner: that would sign a user out, and
 * an attacker could cause it by signing in often.
 */
declare class MemorySessionStore implements SessionStore {
  #private;
  /** @throws TypeError naming the option that is wrong. */
  constructor(options?: MemorySessionStoreOptions);
  create(session: NewSession, limit: SessionLimit): Promise<CreateResult>;
  get(sessionId: string): Promise<SessionSnapshot | undefined>;
  swap(sessionId: string, expect: Expected, next: Change): Promise<SwapResult>;
  confirm(sessionId: string, generation: number): Promise<void>;
  revoke(sessionId: string): Promise<boolean>;
  revokeOwner(owner: string, except?: string): Promise<readonly string[]>;
  list(owner: string): Promise<readonly SessionSnapshot[]>;
  raise(name: string, value: number): Promise<number>;
  /** Stops the timer and forgets every session. */
  close(): Promise<void>;
}

/** A log that may be read only. */
type ReadableLog = Pick<RevocationLog, 'read'> & Partial<RevocationLog>;

declare const followOptionNames: readonly string[];
/**
 * Follows a revocation log that others write, or a third party has implemented.
 *
 * @throws TypeError the log lacks a method, or an option is wrong or unknown.
 */
declare function createRevocations(log: RevocationLog, options?: FollowOptions): Revocations;
/** What a kind of log has by default, in seconds, and what it is. */
interface FollowDefaults {
  readonly pollInterval?: number;
  readonly maxAge?: number;
  readonly log?: 'http';
}
/** The base of what follows a log. For authors: extend it, and give it the log and its options. */
declare class LogRevocations implements Revocations {
  #private;
  readonly '~madeBy': 'createRevocations';
  readonly settings: RevocationsSettings;
  /**
   * @param log - without `append` it cannot announce, and an issuer refuses it.
   * @param options - their names are checked by the caller.
   * @param defaults - other defaults, in seconds. A `maxAge` of Infinity: never behind. `log`: `'http'` if an issuer serves the log.
   * @throws TypeError an option is wrong.
   */
  constructor(log: ReadableLog, options: FollowOptions, defaults?: FollowDefaults);
  get state(): RevocationsState;
  ready(options?: { readonly within?: Duration | undefined }): Promise<void>;
  close(): Promise<void>;
}

/**
 * Revokes access tokens in this process; other processes do not hear of it. An issuer with a `MemorySessionStore` has one by
 * default. Without `maxAge` it is never behind: log and list are in one process.
 */
declare class MemoryRevocations extends LogRevocations {
  /** @throws TypeError an option is wrong or unknown. */
  constructor(options?: FollowOptions);
}

/** Keeps the log in the memory of this process. */
declare class MemoryRevocationLog implements RevocationLog {
  #private;
  /** @param clock - milliseconds since the epoch, for positions and for `keep`. */
  constructor(clock?: Clock);
  append({ issuer, text, floor, keep, everything }: NewRevocationEntry): Promise<Position>;
  read(issuer: string, after: Position, limit: number): Promise<RevocationPage>;
}

/**
 * The first 16 characters of the SHA-256 of an owner in base64url. Every session ID of the owner begins with them, so a
 * store can keep the sessions of an owner together.
 *
 * @throws TypeError the owner has a lone surrogate: another text has the same UTF-8 form and would have the same tag.
 */
declare function ownerTag(owner: string): string;
/** The owner tag that a session ID begins with. */
declare function ownerTagOf(sessionId: string): string;

/**
 * Settles as the promise does, or rejects after `milliseconds`. A later outcome of the promise is ignored.
 *
 * An answer that is there when the process looks again is in time: after a pause of the whole process, timers run before sockets are
 * read, and every request to a healthy server would fail.
 */
declare function withDeadline<T>(promise: PromiseLike<T>, milliseconds: number): Promise<T>;

export {
  AccessDeniedError,
  AuthError,
  ClaimRefusedError,
  ClaimsStaleError,
  InsufficientAuthenticationError,
  InsufficientScopeError,
  InvalidClientError,
  InvalidRefreshTokenError,
  InvalidRequestError,
  InvalidTokenError,
  LogRevocations,
  MemoryRevocationLog,
  MemoryRevocations,
  MemorySessionStore,
  MissingRefreshTokenError,
  MissingTokenError,
  OriginRefusedError,
  RefreshPendingError,
  RevocationsUnavailableError,
  ScopeNotGrantedError,
  SessionLimitError,
  SessionRevokedError,
  StoreFullError,
  StoreUnavailableError,
  TemporarilyUnavailableError,
  TokenPairMismatchError,
  TokenTooLargeError,
  checkOptions,
  confirmGeneration,
  createPages,
  createProtectedResource,
  createRequestAuthenticator,
  createRevocations,
  createRouteGuards,
  createTokenEndpoints,
  createTokenIssuer,
  createTokenVerifier,
  discover,
  discoveredKeySet,
  followOptionNames,
  guardAcr,
  guardAnyScope,
  guardCheck,
  guardClaim,
  guardFresh,
  guardScopes,
  isAuthError,
  issueTokenPair,
  keyThumbprint,
  listSessions,
  loadedKeySet,
  ownerTag,
  ownerTagOf,
  problemResponse,
  reauthenticated,
  refreshTokenPair,
  remoteKeySet,
  remoteRevocations,
  requireCall,
  requireFresh,
  requireScopes,
  revokeClaims,
  revokeEverything,
  revokeSession,
  revokeSubject,
  settingsOf,
  toSeconds,
  tokenErrorResponse,
  tokenResponse,
  updateSession,
  verifyBearer,
  watchToken,
  withDeadline,
};
export type {
  AcceptedIssuer,
  AcceptedIssuerOptions,
  AccessTokenClaims,
  Actor,
  Algorithm,
  AsymmetricKeyMaterial,
  AuthAction,
  AuthErrorCode,
  Authentication,
  AuthenticationOptions,
  BearerRequest,
  BearerSource,
  Change,
  ClaimValue,
  ClaimsAnswer,
  ClaimsContext,
  ClaimsHook,
  ClaimsReference,
  ClaimsRevokedEvent,
  ClaimsSchemaOptions,
  ClientAuthentication,
  ClientCredentials,
  Clock,
  CreateResult,
  Discovery,
  Duration,
  EndpointRequest,
  EventListener,
  EverythingRevokedEvent,
  Expected,
  FetchFunction,
  FetchOptions,
  FetchRequest,
  FetchedResponse,
  FindIssuer,
  FollowOptions,
  FollowerAuthentication,
  Guard,
  HookFailedEvent,
  HttpResponse,
  IssuerCacheOptions,
  IssuingContext,
  IssuingOptions,
  Jwk,
  JwkSet,
  JwkWithAlgorithm,
  KeyDescription,
  KeyRefreshOptions,
  KeySource,
  KeyState,
  KeyStateOptions,
  KeyToName,
  KeysInMemory,
  KeysUnavailableEvent,
  LegacyTokens,
  LoadKeys,
  LoginGrant,
  LoginOptions,
  MemorySessionStoreOptions,
  Millis,
  NewRevocationEntry,
  NewSession,
  NodeRequest,
  OneIssuerOptions,
  PageCookieNames,
  PageExchange,
  Pages,
  PagesOptions,
  Position,
  PrivateKeyOptions,
  ProtectedResource,
  ProtectedResourceOptions,
  ProtectionSpace,
  ProtectionSpaceOptions,
  PublicKeyOptions,
  ReadableLog,
  RefreshCookieOptions,
  RefreshForgedEvent,
  RefreshKeyOptions,
  RefreshOptions,
  RefreshPendingEvent,
  RefreshRefusal,
  RefreshRefusedEvent,
  RefreshReusedEvent,
  RefreshUnverifiableEvent,
  RemoteKeySetOptions,
  RemoteRevocationsOptions,
  RequestAuthenticator,
  RequestContext,
  RequestHeaders,
  RequestRefusedEvent,
  RevocationEntry,
  RevocationLog,
  RevocationPage,
  Revocations,
  RevocationsBehindEvent,
  RevocationsCaughtUpEvent,
  RevocationsGapEvent,
  RevocationsSettings,
  RevocationsState,
  RevocationsUnavailableEvent,
  RouteGuards,
  SchemaResult,
  ScopeList,
  SecretKeyOptions,
  SecretMaterial,
  ServerRequest,
  SessionChange,
  SessionDetails,
  SessionEvictedEvent,
  SessionInfo,
  SessionIssuedEvent,
  SessionLimit,
  SessionReauthenticatedEvent,
  SessionRecord,
  SessionReference,
  SessionRefreshedEvent,
  SessionRevivedEvent,
  SessionRevokedEvent,
  SessionRolledBackEvent,
  SessionSnapshot,
  SessionStore,
  SessionUpdatedEvent,
  SeveralIssuersOptions,
  SigningKeyOptions,
  StandardSchema,
  StoreUnavailableEvent,
  SwapResult,
  TokenCacheOptions,
  TokenCheck,
  TokenEndpointOptions,
  TokenEndpoints,
  TokenIssuer,
  TokenIssuerOptions,
  TokenPair,
  TokenResponse,
  TokenSettings,
  TokenTransports,
  TokenVerifier,
  TokenVerifierOptions,
  TokenpairEvent,
  TransportName,
  VerificationKeyOptions,
  VerificationOptions,
  VerificationRefusedEvent,
  VerifiedToken,
  VerifierKeys,
};
