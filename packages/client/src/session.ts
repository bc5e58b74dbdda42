// What the client knows of the session: its state, its epoch, and the access token.

import type { Pair } from './answer.js';
import { now, secondsSince, tell, type Moment } from './time.js';
import type { ClientOptions, SessionState, SignedIn, SignedOut } from './types.js';
import type { Stored } from './vault.js';

export interface AccessToken {
  readonly token: string;
  readonly since: Moment;
  /** Seconds after `since`. It is refreshed beside a call from `early` on, and before a call from `end` on. */
  readonly early: number;
  end: number;
  /** Which of the mount's pairs it is of, counted from 1; 0 if another tab sent it. */
  readonly number: number;
}

/** A pair of the mount, and when it came. */
export interface Received {
  readonly pair: Pair;
  /** What it was made from; `undefined`: a login. */
  readonly presented: Stored | undefined;
  readonly since: Moment;
  readonly number: number;
}

export interface Session {
  state: SessionState;
  /**
   * Increases when the session ID changes or the session ends. No token and no answer of one epoch is used in another: an answer for one
   * user must not reach the next one.
   */
  epoch: number;
  access: AccessToken | undefined;
  /** A pair that could not be stored. No token of it is used: to the server, its use would mean that it is stored. */
  unsaved: Received | undefined;
  /** The session that a user has signed out, here or in another tab. A tab that is slow may still send its token. */
  left: string | undefined;
  /** The number of pairs that the mount has given to this client. */
  pairs: number;
  /** Whether no other tab is believed until the mount has answered. */
  isFresh: boolean;
  /** Whether the application's login function is being called. */
  isInLogin: boolean;
  /** Called when the epoch changes. */
  onEpoch: () => void;
  receive(pair: Pair, presented?: Stored): Received;
  enter(next: SessionState): void;
  /** Begins another epoch. */
  advance(): void;
  /** @param endsIn - seconds until the session ends unless it is refreshed. */
  signedIn(sessionId: string, access?: AccessToken, endsIn?: number): void;
  /** The reason is `none` where no session was known, but for a `sign-out`. */
  signedOut(reason: SignedOut['reason']): void;
  /** The session ID; `undefined` when no session is known. */
  id(): string | undefined;
  readonly endsIn: () => number | undefined;
  readonly subscribe: (listener: (state: SessionState) => void) => () => void;
}

export function createSession(onSignedOut: ClientOptions['onSignedOut']): Session {
  const listeners = new Set<(state: SessionState) => void>();
  let end: { readonly since: Moment; readonly seconds: number } | undefined;

  const session: Session = {
    state: Object.freeze({ status: 'starting' }),
    epoch: 0,
    access: undefined,
    unsaved: undefined,
    left: undefined,
    pairs: 0,
    isFresh: false,
    isInLogin: false,
    onEpoch() {},
    receive: (pair, presented) => ({ pair, presented, since: now(), number: ++session.pairs }),
    enter(next) {
      session.state = Object.freeze(next);
      // The newest, because a listener may change it.
      for (const listener of listeners) tell(listener, session.state);
    },
    advance() {
      session.epoch += 1;
      session.access = session.unsaved = end = undefined;
      session.onEpoch();
    },
    signedIn(sessionId, access, endsIn) {
      const known = session.id();
      if (known !== undefined && known !== sessionId) session.advance();
      if (access) {
        session.access = access;
        session.unsaved = undefined;
        if (endsIn) end = { since: access.since, seconds: endsIn };
      }
      if (known !== sessionId) session.enter({ status: 'signed-in', sessionId });
    },
    signedOut(reason) {
      const known = session.id();
      const isNone = known === undefined && reason !== 'sign-out';
      if (reason === 'sign-out') session.left = known;
      const state: SignedOut = { status: 'signed-out', reason: isNone ? 'none' : reason };
      if (known !== undefined) session.advance();
      if (session.state.status !== 'signed-out') session.enter(state);
      if (known !== undefined) tell(onSignedOut, state);
    },
    id: () => (session.state as Partial<SignedIn>).sessionId,
    endsIn: () => end && Math.max(0, end.seconds - secondsSince(end.since)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return session;
}

export function toAccessToken(
  token: string,
  lifetime: unknown,
  since: Moment,
  number = 0,
): AccessToken {
  // Without it, the token is used until it is refused.
  const end = typeof lifetime === 'number' && lifetime > 0 ? lifetime : Infinity;
  // Random, so that tabs and devices do not come together.
  return { token, since, end, number, early: end * (0.75 + Math.random() * 0.15) };
}

/** Seconds that an access token is still good for; negative when it has expired. */
export function secondsLeft(access: AccessToken | undefined): number {
  return access ? access.end - secondsSince(access.since) : -1;
}
