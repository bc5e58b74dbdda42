// The contract of a session store, and the session record. Types only.

/** Milliseconds: since the epoch by the store's own clock, or a span of time. */
export type Millis = number;

/** The record of a session: one per session, of the same size after any number of rotations, and without a token. */
export interface SessionRecord {
  /** Session ID: subject tag and random part, 38 characters of base64url. Public: the claim `sid`. */
  readonly sessionId: string;
  /**
   * The owner, unique across all issuers that share the store: a mark of the issuer and the subject. Any text without lone
   * surrogates, at most 1 033 characters.
   */
  readonly subject: string;
  /** Generation of the current refresh token: 1 at first, then as the last rotation said. */
  readonly generation: number;
  /** SHA-256 of the current refresh token's secret, base64url. */
  readonly secretHash: string;
  /** Id of the refresh key that sealed the current refresh token. 1 to 15. */
  readonly keyId: number;
  /** The generation whose refresh token produced the current one. 0 at first. */
  readonly parentGeneration: number;
  /** Name of the call that wrote the current generation. It tells a repeated command from another call. */
  readonly attempt: string;
  /** Whether a token of the current generation has been seen in use. Reserved. */
  readonly confirmed: boolean;
  /** The key that the session is bound to; empty when there is none. Reserved for sender-constrained tokens. */
  readonly cnf: string;
  readonly createdAt: Millis;
  /** When the current generation was written. */
  readonly rotatedAt: Millis;
  /** When the parent of the current generation was first used. Reserved for recovery. */
  readonly anchorAt: Millis;
  /** The session ends this long after `rotatedAt`. */
  readonly idleLifetime: Millis;
  /** The session ends at this time, however often it is refreshed. */
  readonly expiresAt: Millis;
  /** Opaque to the store; at most 8 192 characters. */
  readonly data: string;
}

/** A record and the time, by the store's clock, when it was read. */
export interface SessionSnapshot extends SessionRecord {
  readonly asOf: Millis;
}

/** A session to create. The store adds the times. */
export interface NewSession extends Omit<
  SessionRecord,
  'confirmed' | 'createdAt' | 'rotatedAt' | 'anchorAt' | 'expiresAt'
> {
  /** The session ends this long after its creation. */
  readonly absoluteLifetime: Millis;
}

/** Maximum number of live sessions of a subject, and what happens beyond it. */
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
  /** Nothing was written: the subject is at its limit, or the store has no room. */
  | { readonly outcome: 'refused'; readonly reason: 'limit' | 'full' };

/** What the record must be, or it is not rotated. */
export interface ExpectedGeneration extends Pick<SessionRecord, 'generation' | 'secretHash'> {
  /**
   * When given, `now - rotatedAt` must be greater than this, or less than its negative (the clock was ahead and was
   * corrected), by the store's clock.
   */
  readonly olderThan?: Millis;
}

/** The members of the record that a rotation replaces. */
export interface NextGeneration extends Pick<
  SessionRecord,
  'generation' | 'secretHash' | 'keyId' | 'parentGeneration' | 'attempt'
> {
  /** Whether `anchorAt` becomes now. */
  readonly moveAnchor: boolean;
}

export type RotateResult =
  /** This call rotated the session. */
  | { readonly outcome: 'swapped'; readonly session: SessionSnapshot }
  /** The record is not as expected, or not old enough. It is unchanged. */
  | { readonly outcome: 'conflict'; readonly session: SessionSnapshot }
  /** There is no live session with this ID. */
  | { readonly outcome: 'absent' };

/**
 * Keeps sessions: a compare-and-swap register per session, an index per subject, and a clock. A store has no policy.
 *
 * Every method is one atomic step: of two concurrent calls, one comes first and the other sees its result. A session that
 * has ended (idle, past its end, revoked, evicted) is absent to every method. A store never evicts a live session to free
 * memory: that would sign a user out.
 *
 * `create`, `revokeSubject` and `list` refuse a subject with a lone surrogate, or keep it apart from one with the same UTF-8 form.
 *
 * Every method rejects with a `StoreUnavailableError`, within the store's own deadline, when the store is down or slow, or
 * holds something else than a record. Whether the step was done is then unknown; it is never half done.
 */
export interface SessionStore {
  /**
   * Adds a session and applies `limit`, in one step: after any number of concurrent calls, the subject has at most `max`
   * sessions. A call that is repeated with the same `attempt` changes nothing and returns `created`.
   */
  create(session: NewSession, limit: SessionLimit): Promise<CreateResult>;
  /**
   * Replaces the generation if the record is as `expect` says: `rotatedAt` becomes now, `confirmed` false, and the idle
   * lifetime starts again. Of any number of concurrent calls exactly one does. Never creates, so a revoked session does not
   * come back.
   */
  rotate(
    sessionId: string,
    expect: ExpectedGeneration,
    next: NextGeneration,
  ): Promise<RotateResult>;
  /** The live session with this ID. Does not extend its idle lifetime. */
  get(sessionId: string): Promise<SessionSnapshot | undefined>;
  /** Ends a session: true for the one caller that ended it. */
  revoke(sessionId: string): Promise<boolean>;
  /** Ends all sessions of a subject but `except`, and returns the IDs of those. Wins against concurrent rotations. */
  revokeSubject(subject: string, except?: string): Promise<readonly string[]>;
  /** The live sessions of a subject, the most recently refreshed first. */
  list(subject: string): Promise<readonly SessionSnapshot[]>;
  /** Frees what the store itself holds open. */
  close?(): Promise<void>;
}
