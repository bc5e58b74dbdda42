// The contract of a session store, and the session record. Types only.

/** Milliseconds: since the epoch by the store's own clock, or a span of time. */
export type Millis = number;

/**
 * The record of a session, without a token: one per session, of the same size after any number of rotations.
 *
 * It has two halves. A rotation writes the token half as one (`generation`, `secretHash`, `state`, `rotatedAt`). An update
 * writes members of the session half (`data`, `idleLifetime`, `expiresAt`). So neither can lose what the other wrote.
 */
export interface SessionRecord {
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
export interface SessionSnapshot extends SessionRecord {
  readonly asOf: Millis;
}

/** A session to create. The store adds the times and `confirmed`. */
export interface NewSession extends Pick<
  SessionRecord,
  'sessionId' | 'owner' | 'generation' | 'secretHash' | 'state' | 'data' | 'idleLifetime'
> {
  /** The session ends this long after its creation. */
  readonly absoluteLifetime: Millis;
}

/** Maximum number of live sessions of an owner, and what happens beyond it. */
export interface SessionLimit {
  readonly max: number;
  readonly onLimit: 'evict-oldest' | 'reject';
  /** ID of a session of the same owner that ends in the same step, before the limit is counted. Any other ID is ignored. */
  readonly replaces?: string;
}

export type CreateResult =
  | {
      readonly outcome: 'created';
      readonly session: SessionSnapshot;
      /** Sessions of the owner that were ended to make room, least recently rotated first. */
      readonly evicted: readonly string[];
      /** Whether the session named by `replaces` was ended. */
      readonly replaced: boolean;
    }
  /** Nothing was written: the owner is at its limit, or the store has no room. */
  | { readonly outcome: 'refused'; readonly reason: 'limit' | 'full' };

/** What the record must be, or it is not changed. Every member that is given must hold; at least one is given. */
export interface Expected {
  /** Given together with `secretHash`, or not at all. */
  readonly generation?: number;
  readonly secretHash?: string;
  readonly confirmed?: number;
  readonly data?: string;
  /** `now - rotatedAt` must be greater than this, or less than its negative (the clock was ahead and was corrected). */
  readonly olderThan?: Millis;
}

/** What changes; all else stays. At least one member is given. */
export interface Change {
  /** The next token half: `rotatedAt` becomes now, and the idle lifetime starts again. Without it, neither changes. */
  readonly token?: Pick<SessionRecord, 'generation' | 'secretHash' | 'state'>;
  readonly data?: string;
  readonly idleLifetime?: Millis;
  readonly expiresAt?: Millis;
}

export type SwapResult =
  /** This call changed the record; `session` is the record after it. */
  | { readonly outcome: 'swapped'; readonly session: SessionSnapshot }
  /** The record is not as expected. It is unchanged; `session` is the record as it is when the conflict is found. */
  | { readonly outcome: 'conflict'; readonly session: SessionSnapshot }
  /** There is no live session with this ID. */
  | { readonly outcome: 'absent' };

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
export interface SessionStore {
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
