// The contract of a revocation log. Types only.

import type { Millis } from '../lib/duration.js';

/** A position in a log: a whole number from 1 to 2^52, greater with every entry. Microseconds of the log's clock, or one more than the last position. */
export type Position = number;

/** An entry as it is read. */
export interface RevocationEntry {
  readonly position: Position;
  /** Position of the entry before it in the log; 0 for the first. */
  readonly previous: Position;
  /** Lines, separated by `\n`; may be empty. A log does not interpret them. At most 8 192 bytes. */
  readonly text: string;
}

/** An entry to append. */
export interface NewRevocationEntry {
  /** Whose log it is: text without lone surrogates, at most 2 048 characters. */
  readonly issuer: string;
  readonly text: string;
  /** The position of the entry must be greater than this. */
  readonly floor: Position;
  /** How long the entry must be kept, at least. */
  readonly keep: Millis;
  /** Raises `everything` of the page to the position of this entry (`'here'`) or to the given one, and never lowers it. */
  readonly everything?: 'here' | Position | undefined;
}

/** A page of the log: all of it belongs to one moment. */
export interface RevocationPage {
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
  readonly keep: Millis;
  /** Further entries can be read at once. False for a limit of 0. */
  readonly more: boolean;
  /** How long the answering process has been without contact. Only from a log that reads second-hand, over HTTP for example. */
  readonly age?: Millis | undefined;
  readonly entries: readonly RevocationEntry[];
}

/**
 * Keeps a list of short entries for each issuer, in one order for all processes. It does not interpret them. Core runs one loop
 * for all logs: a log is read, and never calls.
 *
 * Both methods reject within 3 seconds when the log is down, slow or holds something else. After a rejected `append` it is unknown
 * whether the entry is in the log: core appends it again, and repetition changes nothing.
 */
export interface RevocationLog {
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
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<RevocationPage>;
  /** Frees what the log itself holds open. */
  close?(): Promise<void>;
}
