// Defines the events. No event contains a token, unless the `cause` of the application does.

import type { TokenCheck } from '../errors/errors.js';
import type { AuthErrorCode } from '../errors/error-table.js';

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
export interface SessionIssuedEvent extends SessionEvent {
  readonly type: 'session.issued';
}

/** A session was refreshed. */
export interface SessionRefreshedEvent extends SessionEvent {
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
export interface SessionUpdatedEvent extends SessionEvent {
  readonly type: 'session.updated';
  /** Names of the members that were changed. */
  readonly changed: readonly string[];
}

/** The user of a session proved again who they are. */
export interface SessionReauthenticatedEvent extends SessionEvent {
  readonly type: 'session.reauthenticated';
  /** Names of the members of the authentication that were given. */
  readonly changed: readonly string[];
}

/**
 * A session was ended. `reason` is `'denied'` when the `claims` hook answered false at a refresh, `'replaced'` when a new login in the
 * same browser took its place, and `'everything'` when the session came after `revokeEverything` and had begun before.
 */
export interface SessionRevokedEvent extends SessionEvent {
  readonly type: 'session.revoked';
  readonly reason: 'logout' | 'subject' | 'reuse' | 'denied' | 'replaced' | 'everything';
}

/** A session was ended because a new login of its subject exceeded `maxSessions`. */
export interface SessionEvictedEvent extends SessionEvent {
  readonly type: 'session.evicted';
}

/** A refresh token has a higher generation than its record: the store lost a write, in a failover for example. The session lives. */
export interface SessionRolledBackEvent extends GenerationEvent {
  readonly type: 'session.rolled_back';
}

/** A spent refresh token was used again, so its session was ended. One event per session, however many such tokens arrive. */
export interface RefreshReusedEvent extends GenerationEvent {
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
export interface RefreshPendingEvent extends GenerationEvent {
  readonly type: 'refresh.pending';
}

/**
 * An old refresh token whose key is no longer among the keys: nothing shows whether this issuer made it. It was refused, without
 * consequence.
 */
export interface RefreshUnverifiableEvent extends GenerationEvent {
  readonly type: 'refresh.unverifiable';
}

/** A refresh token with a valid tag that was never issued: the refresh key has leaked. Replace the key. */
export interface RefreshForgedEvent extends GenerationEvent {
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
export interface VerificationRefusedEvent extends Refusal {
  readonly type: 'verification.refused';
  /** The check that failed, if a check of the token failed. */
  readonly check?: TokenCheck;
}

/**
 * A request was refused although its credential is good: a guard for scopes, claims or the authentication of the user (`subject` and
 * `sessionId` are those of the token), a login that `claims` or `onSessionLimit` refuses, a request to an endpoint with a cookie
 * from an origin that is not allowed, or, with a `hint`, a logout that ended no session because its refresh token is missing or is none.
 */
export interface RequestRefusedEvent extends Refusal {
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
export type RefreshRefusal =
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
export interface RefreshRefusedEvent extends Refusal {
  readonly type: 'refresh.refused';
  readonly reason: RefreshRefusal;
  /** The metadata of the session, if it has some and its record was read. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The store failed, was too slow, or answered what the store contract does not allow. */
export interface StoreUnavailableEvent {
  readonly type: 'store.unavailable';
  readonly time: number;
  /** The method of the store contract that was called. */
  readonly operation: string;
  readonly cause: unknown;
}

/** A function of the application failed, was too slow, or answered a value that is not allowed. */
export interface HookFailedEvent {
  readonly type: 'hook.failed';
  readonly time: number;
  /** The name of the option with the function. */
  readonly hook: string;
  readonly cause: unknown;
}

/** A key set could not be loaded: the endpoint is down, is slow or redirects, or its answer is not a key set. */
export interface KeysUnavailableEvent {
  readonly type: 'keys.unavailable';
  readonly time: number;
  /** The URL of the key set without its query, the issuer, or `loadedKeySet`. */
  readonly source: string;
  readonly cause: unknown;
}

/** `revokeClaims` was called: for a subject, for a session, or for everyone when neither is named. */
export interface ClaimsRevokedEvent {
  readonly type: 'claims.revoked';
  readonly time: number;
  readonly subject?: string;
  readonly sessionId?: string;
  /** What the argument `request` said of the request. */
  readonly request?: unknown;
}

/** `revokeEverything` has ended all sessions of an issuer. */
export interface EverythingRevokedEvent {
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
export interface RevocationsBehindEvent extends RevocationsEvent {
  readonly type: 'revocations.behind';
  readonly cause: unknown;
}

/** The revocation list of this process is up to date again. */
export interface RevocationsCaughtUpEvent extends RevocationsEvent {
  readonly type: 'revocations.caught_up';
}

/**
 * Entries of the revocation log were lost (`'lost'`: it was created again; `'rolled_back'`: a failover), the list was full
 * (`'overflow'`), or a later version wrote a line that must be understood (`'unreadable'`).
 */
export interface RevocationsGapEvent extends RevocationsEvent {
  readonly type: 'revocations.gap';
  readonly kind: 'lost' | 'rolled_back' | 'overflow' | 'unreadable';
  /** Tokens that name a smaller position may be concerned. */
  readonly before: number;
  /** Lines that this process has appended again. */
  readonly repaired: number;
}

/** The revocation log took no entry. What waits is appended when it answers again. Once per outage. */
export interface RevocationsUnavailableEvent extends RevocationsEvent {
  readonly type: 'revocations.unavailable';
  readonly cause: unknown;
}

/** A store had lost the end of a session, and the revocation log knew it: the session was ended again. */
export interface SessionRevivedEvent {
  readonly type: 'session.revived';
  readonly time: number;
  readonly sessionId: string;
}

export type TokenpairEvent =
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
export type EventListener = (event: TokenpairEvent) => unknown;

/** An event before its time is added. */
export type Untimed<Event = TokenpairEvent> = Event extends TokenpairEvent
  ? Omit<Event, 'time'>
  : never;

/** An event about a session, before it is said which. */
export type SessionEventOf = AboutSession<TokenpairEvent>;
type AboutSession<Event> = Event extends SessionEvent ? Omit<Event, keyof SessionEvent> : never;

export type Emit = (event: Untimed) => void;
