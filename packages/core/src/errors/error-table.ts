// The error table, from which the error classes, the answers and docs/errors.md are made.

/**
 * What a client does next: refresh the access token, sign in again, wait and repeat, change the request, or let the user prove
 * again who they are and keep everything. A client treats an action that it does not know as `fix`.
 */
export type AuthAction = 'refresh' | 'login' | 'retry' | 'fix' | 'reauthenticate';

export interface ErrorRow {
  readonly answer: {
    readonly status: number;
    /** The OAuth error code, less exact than the code of the row. RFC 6750 §3.1, RFC 6749 §5.2 */
    readonly error?: string;
    readonly action: AuthAction;
    /** Whether there is a `WWW-Authenticate` challenge: `'bare'` without the error, `'full'` with the error. */
    readonly challenge?: 'bare' | 'full';
    /** Seconds for `Retry-After`. */
    readonly retryAfter?: number;
  };
  /** The status at `/token` and `/revoke`, if it differs. RFC 6749 §5.2 */
  readonly oauthStatus?: number;
  /** The OAuth error code at `/token` and `/revoke`, if it differs. */
  readonly oauthError?: string;
  /** The only text that reaches a client. ASCII, without quotes. */
  readonly description: string;
  /** The text at `/token` and `/revoke`, if it differs. */
  readonly oauthDescription?: string;
  /** When it happens, for docs/errors.md. */
  readonly when: string;
  /** What the client and the developer do then, for docs/errors.md. */
  readonly todo: string;
}

/** Every error by its `code`. */
export const errorTable = {
  token_missing: {
    answer: { status: 401, action: 'login', challenge: 'bare' },
    description: 'No bearer access token was sent.',
    when: 'The request has no bearer credential. A credential of another scheme (`Basic`, `DPoP`, …) does not count.',
    todo: 'Client: send `Authorization: Bearer <access token>`, or sign in. Developer: the token must be in the header unless `transports` names another place. When a token is in the URL, in another header, in a cookie or behind another scheme, the event `verification.refused` says so in `hint`.',
  },
  request_malformed: {
    answer: { status: 400, error: 'invalid_request', action: 'fix', challenge: 'full' },
    description: 'The request is malformed, or carries a credential more than once.',
    when: 'The credential does not have the form `Bearer <token>`, or was sent twice or in two places. Or a body or a parameter cannot be read.',
    todo: 'Client: send one credential, and each parameter once. Developer: a middleware that reads a body must leave it in `req.body` (`ctx.request.body`). `error.cause`, if present, says what was wrong.',
  },
  refresh_token_misplaced: {
    answer: { status: 400, error: 'invalid_request', action: 'fix' },
    description: 'The refresh token is taken from the cookie here, not from the body.',
    when: "A request to a mount with `transport: 'cookie'` has a `refresh_token` in its body.",
    todo: "Client: leave `refresh_token` out of the body and send the cookie (`credentials: 'include'`). Developer: for clients without cookies use `transport: 'auto'` or `'body'`.",
  },
  token_expired: {
    answer: { status: 401, error: 'invalid_token', action: 'refresh', challenge: 'full' },
    description: 'The access token has expired.',
    when: 'The access token has a valid signature and has expired.',
    todo: 'Client: refresh once, then repeat the request.',
  },
  token_not_active: {
    answer: { status: 401, error: 'invalid_token', action: 'retry', challenge: 'full' },
    description: 'The access token is not active yet.',
    when: 'The access token has a valid signature, and its `nbf` is in the future.',
    todo: 'Client: wait as long as `Retry-After` says, then repeat the request. Developer: compare the clocks of the servers; `clockTolerance` allows up to 300 seconds.',
  },
  token_invalid: {
    answer: { status: 401, error: 'invalid_token', action: 'login', challenge: 'full' },
    description: 'The access token is not valid here.',
    when: 'Another check of the access token failed: shape, algorithm, signature, type, issuer, audience or another claim. A token without a `kid` gets this code too if several keys are for its algorithm.',
    todo: 'Client: sign in. Developer: `error.check` and the event `verification.refused` name the check.',
  },
  token_key_unknown: {
    answer: { status: 401, error: 'invalid_token', action: 'refresh', challenge: 'full' },
    description: 'The key of the access token is not known here.',
    when: 'The access token names a key (`kid`) that this server does not have, or no longer has. The usual reason is a change of keys.',
    todo: 'Client: refresh once, then repeat the request. If the request is refused again, sign in. Developer: keep a retiring key until the time that `describeKeys()` names.',
  },
  token_too_long: {
    answer: { status: 401, error: 'invalid_token', action: 'fix', challenge: 'full' },
    description: 'The access token is longer than this server accepts.',
    when: 'The access token is longer than `maxTokenBytes`, 8 192 bytes by default. No part of it was read.',
    todo: 'Client: get a token with fewer claims; a new one of the same kind is refused again. Developer: let the issuer write fewer claims, or raise `maxTokenBytes` and the header limits of the server and its proxies (`--max-http-header-size` of Node).',
  },
  claims_stale: {
    answer: { status: 401, error: 'invalid_token', action: 'refresh', challenge: 'full' },
    description: 'The claims of this access token may be out of date.',
    when: 'The claims of the access token may be older than a change that the issuer has announced, of a role for example. Or this server may have missed an announcement.',
    todo: 'Client: refresh once, then repeat the request. Developer: see [revocation](revocation.md).',
  },
  session_revoked: {
    answer: { status: 401, error: 'invalid_token', action: 'login', challenge: 'full' },
    description: 'The session of this access token has ended.',
    when: 'The session of the access token has ended: the revocation log says so, `isRevoked` answered true, or a session endpoint did not find the session.',
    todo: 'Client: sign in.',
  },
  authentication_insufficient: {
    answer: {
      status: 401,
      error: 'insufficient_user_authentication',
      action: 'reauthenticate',
      challenge: 'full',
    },
    description: 'A more recent or a stronger authentication is required.',
    when: 'A guard requires that the user proved who they are more recently (`max_age` in the challenge, in seconds) or at another level (`acr_values`) than the access token says.',
    todo: 'Client: let the user authenticate again, and keep the session and its tokens. Developer: when the proof is checked, answer with the pair of `reauthenticated(tokens, session, authentication)`.',
  },
  scope_insufficient: {
    answer: { status: 403, error: 'insufficient_scope', action: 'fix', challenge: 'full' },
    description: 'The access token lacks a scope that this request needs.',
    when: 'A guard requires a scope that the access token does not have. The challenge names the scope.',
    todo: 'Client: get an access token with that scope, or do not offer the action. Developer: the event `request.refused` has the scope and the subject.',
  },
  claim_refused: {
    answer: { status: 403, error: 'insufficient_scope', action: 'fix', challenge: 'full' },
    description: 'The access token does not carry what this request needs.',
    when: 'A guard requires a claim that the access token does not have, or a check of the application answered false.',
    todo: 'Client: do not offer the action to this user.',
  },
  refresh_token_missing: {
    answer: { status: 401, error: 'invalid_grant', action: 'login', challenge: 'bare' },
    oauthStatus: 400,
    oauthError: 'invalid_request',
    description: 'No refresh token was sent.',
    when: 'A refresh or a logout has no refresh token.',
    todo: 'Client: sign in. Developer: browsers do not store a `Secure` cookie over plain http, except for `localhost`: see [plain http](cookies.md#plain-http-and-names-in-a-local-network). The event `refresh.refused` (of a logout `request.refused`) says in `hint` where else a token was, or what may be the reason.',
  },
  refresh_token_invalid: {
    answer: { status: 401, error: 'invalid_grant', action: 'login', challenge: 'bare' },
    oauthStatus: 400,
    description: 'The refresh token is not valid.',
    when: 'The refresh token is forged, unknown, expired, revoked, or was used before, belongs to another OAuth client, or the `claims` hook answered `false`. The client does not learn which.',
    todo: 'Client: sign in. Developer: the event `refresh.refused` has the reason, and in `hint` the probable mistake; `refresh.reused`, `refresh.forged_with_valid_tag`, `refresh.unverifiable` and `session.rolled_back` say more about the serious ones.',
  },
  refresh_pending: {
    // The settle time of the default reuse interval. Each error sets the time that is left.
    answer: { status: 503, error: 'temporarily_unavailable', action: 'retry', retryAfter: 60 },
    description: 'The refresh token was used a moment ago. Repeat the request later.',
    when: 'The refresh token was spent longer ago than the reuse interval, and the settle time has not passed yet. Or the session rotated while a hook was slow, or the store has lost a write. The session did not change.',
    todo: 'Client: wait as long as `Retry-After` says, then refresh with the refresh token that is in the storage or the cookie then.',
  },
  token_pair_mismatch: {
    answer: { status: 401, error: 'invalid_grant', action: 'login', challenge: 'bare' },
    oauthStatus: 400,
    description: 'The access token does not belong to the refresh token.',
    when: 'The access token that was sent with the refresh token does not belong to the same session. Or `requireAccessToken` is set and no access token was sent; one whose key is not known counts as not sent.',
    todo: 'Client: sign in. Send two tokens of one session.',
  },
  scope_not_granted: {
    answer: { status: 400, error: 'invalid_scope', action: 'fix' },
    description: 'The scope asked for exceeds the scope that was granted.',
    when: 'A refresh asks for a scope that the login did not grant.',
    todo: 'Client: ask for fewer scopes, or leave `scope` out.',
  },
  access_denied: {
    answer: { status: 403, error: 'access_denied', action: 'fix' },
    description: 'This account may not sign in.',
    when: 'The `claims` hook answered `false` at login.',
    todo: 'Client: tell the user that the account may not sign in.',
  },
  origin_refused: {
    answer: { status: 403, error: 'invalid_request', action: 'fix' },
    description: 'The request comes from an origin that is not allowed.',
    when: "A request with a token in a cookie came from a page whose origin is neither the server's own nor one of `allowedOrigins`.",
    todo: 'Developer: the event (`refresh.refused`, `request.refused` or `verification.refused`) has the `origin`. Name it in `allowedOrigins` if the page may use the cookie. In a program that sends neither `Origin` nor `Sec-Fetch-Site`, send an `X-Requested-With` header.',
  },
  client_invalid: {
    answer: { status: 401, error: 'invalid_client', action: 'fix' },
    description: 'The client could not be authenticated.',
    when: '`authenticateClient` did not accept the client of a request to `/token` or `/revoke`.',
    todo: 'Client: check the client ID and the client secret.',
  },
  grant_type_unsupported: {
    answer: { status: 400, error: 'unsupported_grant_type', action: 'fix' },
    description: 'The grant type is not supported here.',
    when: 'The `grant_type` of a request to `/token` is not `refresh_token`.',
    todo: "Client: sign in at the application's login route.",
  },
  method_not_allowed: {
    answer: { status: 405, error: 'invalid_request', action: 'fix' },
    description: 'The method is not allowed here.',
    when: 'The endpoint does not accept this method.',
    todo: 'Client: use a method that the `Allow` header names.',
  },
  request_timeout: {
    answer: { status: 408, error: 'invalid_request', action: 'retry', retryAfter: 1 },
    description: 'The body of the request did not arrive in time.',
    when: 'The body of the request did not arrive within the deadline.',
    todo: 'Client: wait as long as `Retry-After` says, then send the request again.',
  },
  request_too_large: {
    answer: { status: 413, error: 'invalid_request', action: 'fix' },
    description: 'The body of the request is too large.',
    when: 'The body of the request is larger than 8 192 bytes.',
    todo: 'Client: send only the parameters of the endpoint.',
  },
  media_type_unsupported: {
    answer: { status: 415, error: 'invalid_request', action: 'fix' },
    description: 'The body must be JSON or a URL-encoded form, not compressed.',
    oauthDescription: 'The body must be a URL-encoded form, not compressed.',
    when: 'The body of the request is neither JSON nor a URL-encoded form, or it is compressed. `/token` and `/revoke` accept forms only.',
    todo: 'Client: set `Content-Type` to a type that the `Accept` header of the answer names: `application/x-www-form-urlencoded`, or `application/json` at the other endpoints. Developer: the event says in `hint` what the body looked like.',
  },
  token_too_large: {
    answer: { status: 500, error: 'server_error', action: 'fix' },
    description: 'The access token would be larger than servers accept.',
    when: 'The `claims` hook answered more claims than fit into an access token of 8 192 characters; behind `pages`, into a cookie of 3 800. Nothing was stored or spent.',
    todo: 'Developer: answer fewer or shorter claims, an ID instead of a list for example. `error.cause` and the event `hook.failed` say how long the token would be, and which claims are the largest.',
  },
  temporarily_unavailable: {
    answer: { status: 503, error: 'temporarily_unavailable', action: 'retry', retryAfter: 2 },
    description: 'The request could not be checked just now.',
    when: 'The store, a key set, a hook, the revocation log or the clock failed or was too slow. The answer does not mean that a token is bad.',
    todo: 'Client: wait as long as `Retry-After` says, then send the same request again. Developer: `error.cause` and the events `store.unavailable`, `keys.unavailable`, `hook.failed` and `revocations.behind` say what failed.',
  },
  store_full: {
    answer: { status: 503, error: 'temporarily_unavailable', action: 'retry', retryAfter: 60 },
    description: 'No further session can be kept just now.',
    when: 'The session store has no room for another session. It never ends a live session to make room.',
    todo: 'Client: try again later. Developer: increase `capacity`, or the memory of Redis.',
  },
  session_limit: {
    answer: { status: 403, error: 'access_denied', action: 'fix' },
    description: 'This account has as many sessions as it may have.',
    when: "The subject has `maxSessions` sessions, and `onSessionLimit` is `'reject'`.",
    todo: 'Client: let the user end another session first.',
  },
} as const;

/** Stable codes for programs. */
export type AuthErrorCode = keyof typeof errorTable;
