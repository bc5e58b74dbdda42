// Defines the events, and sends them to listeners. No event contains a token, unless the `cause` of the application does.

import { channel } from 'node:diagnostics_channel';

import type { TokenCheck } from '../errors/errors.js';
import type { AuthErrorCode } from '../errors/error-table.js';

interface SessionEvent {
  /** Milliseconds since the epoch, by `Date.now` of this process. */
  readonly time: number;
  readonly sessionId: string;
  readonly subject: string;
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
 * A session was ended. `reason` is `'denied'` when the `claims` hook answered false at a refresh, and `'replaced'` when a new login
 * in the same browser took its place.
 */
export interface SessionRevokedEvent extends SessionEvent {
  readonly type: 'session.revoked';
  readonly reason: 'logout' | 'subject' | 'reuse' | 'denied' | 'replaced';
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

/**
 * A request was refused because of its credential: its form, its origin, or a check of its access token. Not emitted for a request
 * without a credential, nor by guards for scopes and claims.
 */
export interface VerificationRefusedEvent {
  readonly type: 'verification.refused';
  readonly time: number;
  readonly code: AuthErrorCode;
  /** The check that failed, if a check of the token failed. */
  readonly check?: TokenCheck;
  /** From the claims of the token, if its signature is valid. */
  readonly sessionId?: string;
  readonly subject?: string;
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

export type TokenpairEvent =
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
  | VerificationRefusedEvent
  | StoreUnavailableEvent
  | HookFailedEvent
  | KeysUnavailableEvent;

/**
 * Receives every event. An error or a rejection of the listener is ignored. All listeners get the same frozen object; its `cause` is
 * the value that was thrown, not a copy.
 */
export type EventListener = (event: TokenpairEvent) => unknown;

/** An event before its time is added. */
type Untimed<Event> = Event extends TokenpairEvent ? Omit<Event, 'time'> : never;

/** An event about a session, before it is said which. */
export type SessionEventOf = AboutSession<TokenpairEvent>;
type AboutSession<Event> = Event extends SessionEvent ? Omit<Event, keyof SessionEvent> : never;

export type Emit = (event: Untimed<TokenpairEvent>) => void;

const events = channel('tokenpair');

/** Sends events to a listener and to the diagnostics channel `tokenpair`. */
export function createEmit(listener: EventListener | undefined): Emit {
  return function emit(untimed) {
    if (listener === undefined && !events.hasSubscribers) return;
    // Not the clock of the options: an event must not fail when that clock fails.
    const event = Object.freeze({ ...untimed, time: Date.now() }) as TokenpairEvent;
    events.publish(event);
    // A failure of the listener must not change the outcome of a request.
    if (listener) new Promise((resolve) => resolve(listener(event))).catch(() => {});
  };
}
