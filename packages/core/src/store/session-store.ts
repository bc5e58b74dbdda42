// Under the issuing journeys: the store contract and the session record. Types only.

/** Milliseconds: an instant of the store's own clock since the epoch, or a span. */
export type Millis = number;

/** What a store holds of a session: one small record, whatever the number of rotations, and no token. */
export interface SessionRecord {
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
export interface SessionSnapshot extends SessionRecord {
  readonly asOf: Millis;
}

/** A session to create; the store adds the instants. */
export interface NewSession extends Pick<
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
export interface SessionLimit {
  readonly max: number;
  readonly onLimit: 'evict-oldest' | 'reject';
}

export type CreateResult =
  | {
      readonly outcome: 'created';
      readonly session: SessionSnapshot;
      /** Sessions of the same subject that were ended to make room, least recently refreshed first. */
      readonly evicted: readonly string[];
    }
  /** Nothing has changed: the subject is at its limit, or the store has no room. */
  | { readonly outcome: 'refused'; readonly reason: 'limit' | 'full' };

/** What the record must be for a rotation to happen. */
export interface ExpectedGeneration extends Pick<SessionRecord, 'generation' | 'secretHash'> {
  /**
   * When given: `now - rotatedAt` must be greater than this, or less than its negative (the clock was ahead and was
   * corrected). By the store's clock.
   */
  readonly olderThan?: Millis;
}

/** What the record becomes. Everything else in it stays. */
export interface NextGeneration extends Pick<
  SessionRecord,
  'generation' | 'secretHash' | 'keyId' | 'parentGeneration' | 'attempt'
> {
  /** Whether `anchorAt` becomes now. */
  readonly moveAnchor: boolean;
}

export type RotateResult =
  /** This call swapped. */
  | { readonly outcome: 'swapped'; readonly session: SessionSnapshot }
  /** The record is another than expected, or not old enough. It is as it was. */
  | { readonly outcome: 'conflict'; readonly session: SessionSnapshot }
  /** There is no live session of that id. */
  | { readonly outcome: 'absent' };

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
export interface SessionStore {
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
