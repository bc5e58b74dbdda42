// What the author of a revocation log passes to the suite.

import type { RevocationLog } from '@tokenpair/core/store';

import type { Resume, SuiteOptions } from '../define-suite.js';

/** A revocation log for one case of the suite. */
export interface RevocationLogUnderTest {
  /** Without entries. */
  readonly log: RevocationLog;
  /**
   * Returns a second log over the same data, as another process would have: with another connection, if there are connections.
   * For a log inside one process, return the log itself.
   */
  readonly another?: (() => RevocationLog | Promise<RevocationLog>) | undefined;
  /**
   * Moves the clock of the log forward by milliseconds, or back by a negative number. Leave it out if the clock cannot be moved:
   * then the suite waits for short real times.
   */
  readonly advance?: ((milliseconds: number) => void | Promise<void>) | undefined;
  /** Takes the log back to what it was before the last `count` entries of this issuer, as a failover does. */
  readonly lose?: ((issuer: string, count: number) => void | Promise<void>) | undefined;
  /** Removes all data of the backend. */
  readonly flush?: (() => void | Promise<void>) | undefined;
  /** Makes the backend one that must not be written any more. Returns a function that makes it the primary again. */
  readonly demote?: (() => Resume | Promise<Resume>) | undefined;
  /**
   * Keeps the backend of the log from answering, without a refusal. The log must reject within 3 seconds, so give it a short
   * deadline. Returns a function that lets the backend answer again.
   */
  readonly hang?: (() => Resume | Promise<Resume>) | undefined;
  /** Frees what was made for this case. Called after both logs were closed. */
  readonly close?: (() => void | Promise<void>) | undefined;
}

/** The members of {@link RevocationLogUnderTest} that some logs cannot have. */
export type LogHook = (typeof logHooks)[number];

export const logHooks = ['another', 'advance', 'lose', 'flush', 'demote', 'hang'] as const;

/** Every member of {@link RevocationLogUnderTest}. */
export const logUnderTestNames: readonly string[] = ['log', 'close', ...logHooks];

/** Settings of {@link describeRevocationLog}. */
export interface RevocationLogSuiteOptions extends SuiteOptions<LogHook> {
  /**
   * The members of {@link RevocationLogUnderTest} that this log cannot have, each with the reason. The cases that need them are
   * left out, and the title of the suite says so. Without a reason, these cases fail.
   */
  readonly notShown?: Readonly<Partial<Record<LogHook, string>>> | undefined;
}
