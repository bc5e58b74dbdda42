import { SessionStore, Clock, SecretKeyOptions } from '@tokenpair/core';

/** A store as the suite gets it, afresh for every case. */
interface StoreUnderTest {
  /** Holds no session yet. */
  readonly store: SessionStore;
  /**
   * A second store over the same data, as another process would have it: another connection, where there are
   * connections. A store inside one process answers itself.
   */
  readonly another?: (() => SessionStore | Promise<SessionStore>) | undefined;
  /**
   * Moves the store's clock on by milliseconds. A store whose clock cannot be moved leaves this out: then the suite
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
type Resume = () => void | Promise<void>;
/** What not every store can show. */
type Hook = (typeof hooks)[number];
declare const hooks: readonly ['another', 'garble', 'hang'];
/** The two words that the suite needs of a test runner. Jest's, Vitest's and those of `node:test` all fit. */
interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, run: () => Promise<void>) => unknown;
}
/** Settings of {@link describeSessionStore}. */
interface SessionStoreSuiteOptions extends Partial<TestRunner> {
  /**
   * What this store cannot show, each with the reason. The cases that need it are then left out and the title of the
   * suite says so; a case that needs what is neither given nor named here fails.
   */
  readonly notShown?: Readonly<Partial<Record<Hook, string>>> | undefined;
}

/**
 * Defines a test for everything that a `SessionStore` promises: what it keeps, that one of two callers at once comes
 * first, when sessions end, how many there may be, and what it does when it cannot answer.
 *
 * Runs under Jest, Vitest and `node:test`; needs `describe` and `it` and no other word of theirs.
 *
 * @param name - stands before the names of the tests.
 * @param makeStore - called for every case; answers a store without sessions and what the suite may do to it.
 * @throws TypeError `describe` or `it` is neither global nor given, or an option is unknown. A test fails with a TypeError
 * when what `makeStore` answers has an unknown member.
 */
declare function describeSessionStore(
  name: string,
  makeStore: () => StoreUnderTest | Promise<StoreUnderTest>,
  options?: SessionStoreSuiteOptions,
): void;

/** Time as a test sets it. */
interface TestClock {
  /** To pass as the option `clock` of a verifier, an issuer or a `MemorySessionStore`. */
  readonly now: Clock;
  /** Goes on, or back, by seconds. */
  advance(seconds: number): void;
  /** Milliseconds since the epoch, or nonsense on purpose. */
  set(milliseconds: number): void;
}
/**
 * Makes a clock that stands still until the test moves it, so that nothing has to be waited for.
 *
 * @param start - milliseconds since the epoch. @defaultValue 1 795 435 200 000 (noon of 23 November 2026, UTC)
 * @throws TypeError `start` is no number.
 */
declare function createTestClock(start?: number): TestClock;

/** What the tokens of a {@link TokenBuilder} carry unless a test says otherwise. */
interface TokenBuilderOptions {
  /** Written as `iss`. @defaultValue `'https://issuer.test'` */
  readonly issuer?: string | undefined;
  /** Written as `aud`. @defaultValue `'https://api.test'` */
  readonly audience?: string | readonly string[] | undefined;
  /** Written as `sub`. @defaultValue `'u_1'` */
  readonly subject?: string | undefined;
  /** Seconds that a token is valid. @defaultValue 300 (5 minutes) */
  readonly lifetime?: number | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}
/** Claims beside or instead of the builder's own; `undefined` leaves a claim out. */
type ClaimChanges = Readonly<Record<string, unknown>>;
/** Makes the values of `Authorization` headers. */
interface TokenBuilder {
  /** What the application's verifier takes: `createTokenVerifier({ issuer, audience, keys })`. */
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly keys: readonly [SecretKeyOptions];
  /** `Bearer` and a good token. */
  bearer(claims?: ClaimChanges): string;
  /** `Bearer` and a token that was good until an hour ago: refused with `token_expired`. */
  expired(claims?: ClaimChanges): string;
  /** `Bearer` and a token that somebody without the key made: refused with `token_invalid`. */
  forged(claims?: ClaimChanges): string;
  /** `Bearer` and a good token of the same issuer for another service: refused with `token_invalid`. */
  forAnotherAudience(claims?: ClaimChanges): string;
}
/**
 * Makes a key of its own and access tokens under it, so that an application's guards can be tested without an issuer,
 * a store or a login.
 *
 * The tokens are what an issuer of tokenpair signs (HS256, `typ` `at+jwt`), and whatever the test makes of the claims:
 * no claim is checked here.
 *
 * @throws TypeError an option is unknown, or the claims of a token are no object.
 */
declare function createTokenBuilder(options?: TokenBuilderOptions): TokenBuilder;

/**
 * `down`: every call is refused. `slow`: no call is ever answered. `garbled`: every call is answered with what is no
 * answer. `mute`: every call is carried out, and its answer is lost.
 */
type Breakage = 'down' | 'slow' | 'garbled' | 'mute';
/** A store, and the switches that break it. */
interface BreakableStore {
  /** To give to an issuer instead of the sound store. */
  readonly store: SessionStore;
  /** From now on every call fails so, until {@link BreakableStore.repair}. */
  break(how: Breakage): void;
  /** The next call alone is carried out and its answer lost, as when a connection is cut in between. */
  loseNextAnswer(): void;
  /** From now on every call reaches the sound store again. */
  repair(): void;
}
/**
 * Wraps a store so that a test can break and repair it: what an application answers while sessions cannot be
 * reached, and that its users are signed in afterwards.
 *
 * The failures reject with a plain `Error` whose text is that of a refused connection, as a client library's would be;
 * none of it may reach a client of yours.
 *
 * @throws TypeError what is given is no store, or {@link BreakableStore.break} gets a word that is none of its own.
 */
declare function breakable(sound: SessionStore): BreakableStore;

export { breakable, createTestClock, createTokenBuilder, describeSessionStore };
export type {
  BreakableStore,
  Breakage,
  ClaimChanges,
  Hook,
  Resume,
  SessionStoreSuiteOptions,
  StoreUnderTest,
  TestClock,
  TestRunner,
  TokenBuilder,
  TokenBuilderOptions,
};
