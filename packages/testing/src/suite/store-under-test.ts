// What an author of a store gives to the suite.

import type { SessionStore } from '@tokenpair/core';

/** A store as the suite gets it, afresh for every case. */
export interface StoreUnderTest {
  /** Holds no session yet. */
  readonly store: SessionStore;
  /**
   * A second store over the same data, as another process would have it: another connection, where there are
   * connections. A store inside one process answers itself.
   */
  readonly another?: (() => SessionStore | Promise<SessionStore>) | undefined;
  /**
   * Moves the store's clock on by milliseconds, or back by a negative number of them. A store whose clock cannot be moved leaves this out: then the suite
   * uses lifetimes of a tenth of a second and waits, and repeats a case with longer ones when the machine was too slow.
   */
  readonly advance?: ((milliseconds: number) => void | Promise<void>) | undefined;
  /** Puts something that is no session record where the record of this session is kept. */
  readonly garble?: ((sessionId: string) => void | Promise<void>) | undefined;
  /**
   * Keeps whatever the store stands on from answering, without refusing it: the store must reject within 3 seconds,
   * so give it a short deadline. Answers a function that lets it go on.
   */
  readonly hang?: (() => Resume | Promise<Resume>) | undefined;
  /** Frees what was made for this case, after the case and after both stores were closed. */
  readonly close?: (() => void | Promise<void>) | undefined;
}

/** Ends what {@link StoreUnderTest.hang} began. */
export type Resume = () => void | Promise<void>;

/** What not every store can show. */
export type Hook = (typeof hooks)[number];

export const hooks = ['another', 'garble', 'hang'] as const;

/** Every member of {@link StoreUnderTest}. */
export const storeUnderTestNames: readonly string[] = ['store', 'advance', 'close', ...hooks];

/** The two words that the suite needs of a test runner. Jest's, Vitest's and those of `node:test` all fit. */
export interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, run: () => Promise<void>) => unknown;
}

/** Settings of {@link describeSessionStore}. */
export interface SessionStoreSuiteOptions extends Partial<TestRunner> {
  /**
   * What this store cannot show, each with the reason. The cases that need it are then left out and the title of the
   * suite says so; a case that needs what is neither given nor named here fails.
   */
  readonly notShown?: Readonly<Partial<Record<Hook, string>>> | undefined;
}
