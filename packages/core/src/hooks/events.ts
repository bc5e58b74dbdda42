// The events and how they reach listeners. No event contains a token.

import { channel } from 'node:diagnostics_channel';

import type { TokenCheck } from '../errors/errors.js';
import type { AuthErrorCode } from '../errors/error-table.js';

interface SessionEvent {
  /** Milliseconds since the epoch, by the clock of this process. */
  readonly time: number;
  readonly sessionId: string;
  readonly subject: string;
}

/** A subject signed in. */
export interface SessionIssuedEvent extends SessionEvent {
  readonly type: 'session.issued';
}

/** A session was refreshed. */
export interface SessionRefreshedEvent extends SessionEvent {
  readonly type: 'session.refreshed';
  readonly generation: number;
  /**
   * `'rotated'`: the refresh token was exchanged for its successor. `'held'`: the session had rotated within the settle time,
   * so the client keeps its refresh token. `'replayed'`: a spent token got the successor that exists.
   */
  readonly how: 'rotated' | 'held' | 'replayed';
}

/** A session was ended. */
export interface SessionRevokedEvent extends SessionEvent {
  readonly type: 'session.revoked';
  readonly reason: 'logout' | 'subject' | 'reuse' | 'denied';
}

/** A session was ended to make room for a newer one of the same subject. */
export interface SessionEvictedEvent extends SessionEvent {
  readonly type: 'session.evicted';
}

/** A refresh token is ahead of its record: the store has lost a write, as a failover can. The session goes on. */
export interface SessionRolledBackEvent extends SessionEvent {
  readonly type: 'session.rolled_back';
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
}

/** A spent refresh token was used again, so its session was ended. One event per session. */
export interface RefreshReusedEvent extends SessionEvent {
  readonly type: 'refresh.reused';
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
}

/**
 * A spent refresh token came after the reuse interval and within the settle time, or its session rotated while a hook was
 * slow. The client repeats the refresh; nothing happened.
 */
export interface RefreshPendingEvent extends SessionEvent {
  readonly type: 'refresh.pending';
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
}

/** A refresh token with a good tag that was never issued: the refresh key has leaked. Change it. */
export interface RefreshForgedEvent extends SessionEvent {
  readonly type: 'refresh.forged_with_valid_tag';
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
}

/** A presented access token was refused. */
export interface VerificationRefusedEvent {
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
export interface StoreUnavailableEvent {
  readonly type: 'store.unavailable';
  readonly time: number;
  /** The method of the store contract that was called. */
  readonly operation: string;
  readonly cause: unknown;
}

/** A function of the application failed, was too slow or returned what it must not. */
export interface HookFailedEvent {
  readonly type: 'hook.failed';
  readonly time: number;
  /** The option that holds the function. */
  readonly hook: string;
  readonly cause: unknown;
}

/** A key set could not be loaded: the endpoint is down, slow or redirects, or what it answered is no key set. */
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
export type EventListener = (event: TokenpairEvent) => unknown;

/** An event before its time is added. */
type Untimed<Event> = Event extends TokenpairEvent ? Omit<Event, 'time'> : never;

export type Emit = (event: Untimed<TokenpairEvent>) => void;

const events = channel('tokenpair');

/** Sends events to a listener and to the diagnostics channel `tokenpair`. */
export function createEmit(listener: EventListener | undefined): Emit {
  return function emit(untimed) {
    if (listener === undefined && !events.hasSubscribers) return;
    // Not the clock of the options: an event must not fail because that one does.
    const event = Object.freeze({ ...untimed, time: Date.now() }) as TokenpairEvent;
    events.publish(event);
    if (listener !== undefined) void notify(listener, event);
  };
}

async function notify(listener: EventListener, event: TokenpairEvent): Promise<void> {
  try {
    await listener(event);
  } catch {
    // A listener only observes: the request goes on.
  }
}
