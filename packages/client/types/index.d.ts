/** What a client does next. */
type Action = 'fix' | 'login' | 'reauthenticate' | 'refresh' | 'retry';
/** The codes of tokenpair's refusals. */
type RefusalCode =
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

type MaybePromise<T> = T | Promise<T>;
/** What {@link Client.session} answers. `starting`: not asked yet. `unknown`: asked, and there was no answer that counts. */
type SessionState =
  | {
      readonly status: 'starting';
    }
  | {
      readonly status: 'unknown';
    }
  | SignedIn
  | SignedOut;
/** A session is known. */
interface SignedIn {
  readonly status: 'signed-in';
  /** Changes when another user, or the same one again, signs in. Empty if the server does not say it. */
  readonly sessionId: string;
}
/** There is no session. */
interface SignedOut {
  readonly status: 'signed-out';
  /**
   * `none`: there was none at the start. `ended`: the server ended it. `sign-out`: {@link Client.signOut}. `elsewhere`: in another tab
   * or process.
   */
  readonly reason: 'none' | 'ended' | 'sign-out' | 'elsewhere';
}
/** An error answer of tokenpair. */
interface Refusal {
  readonly status: number;
  readonly code: RefusalCode | (string & {});
  /** What a client does next. An action that is not known is treated as `fix`. */
  readonly action: Action | (string & {});
  /** Seconds. */
  readonly retry_after?: number;
  readonly [member: string]: unknown;
}
/** Something that a log may want to know. It holds no token, no query of a URL and no body. */
interface ClientEvent {
  /** `retry`: a request will be repeated. Its members: `path`, `attempt`, `wait` in seconds, `cause`. */
  readonly type: 'retry' | (string & {});
  readonly [member: string]: unknown;
}
/**
 * Keeps one text. The application chooses where, and under which key.
 *
 * The text contains the refresh token: keep it where only the user can read it.
 */
interface TokenStorage {
  /** `null` or `undefined`: there is nothing. Throw when it cannot be read: that is something else. */
  get(): MaybePromise<string | null | undefined>;
  /** Resolves when the value would survive a kill of the process. */
  set(value: string): MaybePromise<unknown>;
  delete(): MaybePromise<unknown>;
  /** A name of the storage, if other clients of this origin use it too (`localStorage`): they then share access tokens. */
  readonly shared?: string;
}
interface CommonOptions {
  /** URL under which the server serves its token endpoints: `/auth` in a page, absolute elsewhere. */
  readonly mount: string | URL;
  /** Exact origins that get the access token, beside that of the mount. @defaultValue none */
  readonly origins?: readonly string[];
  /** @defaultValue the global `fetch` */
  readonly fetch?: typeof globalThis.fetch;
  /** Seconds that a caller waits for the mount, 1 to 15. @defaultValue 10 */
  readonly wait?: number;
  /** Sends the access token with each refresh, for servers with `requireAccessToken`. @defaultValue false */
  readonly sendAccessToken?: boolean;
  /**
   * Shares access token and state with the other tabs, by a `BroadcastChannel`. Any script of the origin could ask the mount for the
   * same token. @defaultValue true
   */
  readonly channel?: boolean;
  /** Called once for each end of a session that this client knew. */
  readonly onSignedOut?: (state: SignedOut) => void;
  /**
   * Called when the server wants the user to authenticate again, once for all calls that need it. Answer true when the user has done so
   * (usually by {@link Client.signIn}): the calls are repeated. Otherwise they get the server's 401. A call that begins meanwhile may be
   * one that this function waits for, so it gets its 401 after `wait` at the latest.
   */
  readonly onReauthenticate?: (need: Refusal) => boolean | Promise<boolean>;
  /** For logs. */
  readonly onEvent?: (event: ClientEvent) => void;
}
/** `cookie`: the refresh token is in a cookie that no script reads. `body`: it is in `storage`. */
type ClientOptions = CommonOptions &
  (
    | {
        readonly transport: 'cookie';
      }
    | {
        readonly transport: 'body';
        readonly storage: TokenStorage;
      }
  );
/** One session in one tab, app or program. */
interface Client {
  /**
   * As the global `fetch`, with the access token. Refreshes it when that is necessary, and repeats the request. May be passed around
   * unbound.
   *
   * Rejects with a {@link ClientError}: `origin`, `session_changed`, `unavailable`, `storage`, `misconfigured`. A refusal by the API is a
   * response, as with the global `fetch`.
   */
  readonly fetch: typeof globalThis.fetch;
  /**
   * Finds out whether there is a session; `fetch` and `token` do it themselves. `fresh`: asks the server and no other tab. Required on
   * the landing page of a login by redirect, where other tabs may still have the former user's token.
   *
   * Rejects with a {@link ClientError}: `unavailable`, `storage`, `misconfigured`.
   */
  start(options?: { readonly fresh?: boolean }): Promise<SessionState>;
  /** What is known, without asking: the same frozen object until it changes. May be passed around unbound. */
  readonly session: () => SessionState;
  /** Calls the listener at each change. Returns what ends that. May be passed around unbound. */
  readonly subscribe: (listener: (state: SessionState) => void) => () => void;
  /**
   * Calls `login`, which sends the credentials and answers the server's response, and takes the token pair from it. The server's action is
   * not obeyed. `login` uses the global `fetch`: a refresh would wait for the login, so this client cannot be called inside.
   *
   * A session that the new one replaces is ended: with the cookie by the server, with a storage by a logout that is not waited for.
   *
   * Rejects with a {@link ClientError}: `refused` (no pair; see `refusal`), `storage`; or with what `login` throws.
   */
  signIn(login: () => Promise<Response>): Promise<SignedIn>;
  /**
   * Ends the session here and on the server. `all`: ends all sessions of the user. Calls at once share one sign-out.
   *
   * A login under way is not stopped: the one of the two that ends last counts.
   *
   * @returns `ended`: whether the server says that it has ended.
   *
   * Rejects with a {@link ClientError}: `storage`; with the cookie also `unavailable` and `misconfigured`, because the browser then still
   * has it.
   */
  signOut(options?: { readonly all?: boolean }): Promise<{
    readonly ended: boolean;
  }>;
  /**
   * The access token, for sockets, uploads and gRPC; `undefined` when signed out. `validFor`: seconds that it must still be valid, if the
   * server's tokens live that long. `not`: a token that was refused; refreshes if it is the current one.
   *
   * Rejects with a {@link ClientError}: `unavailable`, `storage`, `session_changed`, `misconfigured`.
   */
  token(options?: {
    readonly validFor?: number;
    readonly not?: string;
  }): Promise<string | undefined>;
  /** Seconds until the session ends unless it is refreshed; `undefined` when that is not known. */
  endsIn(): number | undefined;
  /**
   * Ends channel and listeners. Calls that wait for the mount reject with `unavailable`. A request to the mount that is under way keeps
   * what it gets, for at most 10 seconds, so that the next start is signed in.
   */
  close(): void;
}

/**
 * Creates a client. Nothing is sent before `start`, `fetch` or `token` is called, and nothing while no call is made.
 *
 * @throws TypeError naming the option that is wrong.
 *
 * @example
 * ```ts
 * const client = createClient({ mount: '/auth', transport: 'cookie' });
 * const body = JSON.stringify(Object.fromEntries(new FormData(form)));
 * const headers = { 'Content-Type': 'application/json' };
 * await client.signIn(() => fetch('/login', { method: 'POST', headers, body }));
 * const response = await client.fetch('/me');
 * ```
 */
declare function createClient(options: ClientOptions): Client;

/**
 * - `unavailable`: the mount gave no answer that counts within `wait`, or asked to wait longer (then `refusal` is set). The session
 *   is kept.
 * - `storage`: the refresh token could not be read or stored. The session is kept.
 * - `session_changed`: another session began, or this one ended, during the call.
 * - `refused`: the answer to a login is no token pair; `refusal` is what the server said.
 * - `misconfigured`: the mount answered that the request itself is wrong; `refusal` says what. Or the client was called inside the
 *   function of `signIn`, where only the plain `fetch` works.
 * - `origin`: the origin of the URL gets no access token.
 */
type ClientErrorCode = keyof typeof texts;
declare const texts: {
  unavailable: string;
  storage: string;
  session_changed: string;
  refused: string;
  misconfigured: string;
  origin: string;
};
/** The only error that the client throws by itself, but for a `TypeError` about an option. It contains no token. */
declare class ClientError extends Error {
  /** Says what happened; compare this. */
  readonly code: ClientErrorCode;
  /** What the server said, if it said something. */
  readonly refusal?: Refusal;
  /** What is known of the reason: status and media type of an answer, the name of the storage's error, or what was done wrong. */
  readonly cause?: unknown;
  constructor(code: ClientErrorCode, refusal?: Refusal, cause?: unknown);
}
/** Whether a value is a {@link ClientError}, also of another copy of this package. */
declare function isClientError(value: unknown): value is ClientError;

/**
 * Calls `use` now and with each next access token, before the one before expires, and `onEnd` once when the session ends or another
 * one begins. Asks every 60 seconds for a token that is valid for 120 more, so access tokens must live that long.
 *
 * @returns what stops it, without a call of `onEnd`.
 *
 * @example
 * ```ts
 * const stop = eachToken(client, (token) => socket.send(JSON.stringify({ type: 'auth', token })), () => socket.close());
 * ```
 */
declare function eachToken(
  client: Client,
  use: (token: string) => void,
  onEnd: () => void,
): () => void;

export { ClientError, createClient, eachToken, isClientError };
export type {
  Action,
  Client,
  ClientErrorCode,
  ClientEvent,
  ClientOptions,
  Refusal,
  RefusalCode,
  SessionState,
  SignedIn,
  SignedOut,
  TokenStorage,
};
