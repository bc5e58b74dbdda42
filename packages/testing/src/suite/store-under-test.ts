// What the author of a store passes to the suite.

import type { SessionStore } from '@tokenpair/core';

import type { Resume, SuiteOptions } from '../define-suite.js';

/** A store for one case of the suite. */
export interface StoreUnderTest {
  /** Without sessions. */
  readonly store: SessionStore;
  /**
   * Returns a second store over the same data, as another process would have: with another connection, if there are
   * connections. For a store inside one process, return the store itself.
   */
  readonly another?: (() => SessionStore | Promise<SessionStore>) | undefined;
  /**
   * Moves the store's clock forward by milliseconds, or back by a negative number. Leave it out if the clock cannot be moved:
   * then the suite uses lifetimes of a tenth of a second and waits, and repeats a case with longer ones when the machine was
   * too slow.
   */
  readonly advance?: ((milliseconds: number) => void | Promise<void>) | undefined;
  /** Replaces the record of this session by something that is not a session record. */
  readonly garble?: ((sessionId: string) => void | Promise<void>) | undefined;
  /**
   * Keeps the backend of the store from answering, without a refusal. The store must reject within 3 seconds, so give it a
   * short deadline. Returns a function that lets the backend answer again.
   */
  readonly hang?: (() => Resume | Promise<Resume>) | undefined;
  /** Frees what was made for this case. Called after both stores were closed. */
  readonly close?: (() => void | Promise<void>) | undefined;
}

/** The members of {@link StoreUnderTest} that some stores cannot have. */
export type Hook = (typeof hooks)[number];

export const hooks = ['another', 'garble', 'hang'] as const;

/** Every member of {@link StoreUnderTest}. */
export const storeUnderTestNames: readonly string[] = ['store', 'advance', 'close', ...hooks];

/** Settings of {@link describeSessionStore}. */
export interface SessionStoreSuiteOptions extends SuiteOptions<Hook> {
  /**
   * The members of {@link StoreUnderTest} that this store cannot have, each with the reason. The cases that need them are
   * left out, and the title of the suite says so. Without a reason, these cases fail.
   */
  readonly notShown?: Readonly<Partial<Record<Hook, string>>> | undefined;
}
