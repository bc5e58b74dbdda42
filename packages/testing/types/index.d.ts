import { SessionStore, Clock, SecretKeyOptions, RevocationLog } from '@tokenpair/core';
import { RevocationLog as RevocationLog$1 } from '@tokenpair/core/store';

/** Ends what a hook of the object under test began. */
type Resume = () => void | Promise<void>;
/** The functions that a suite needs of a test runner: those of Jest, Vitest and `node:test` fit. */
interface TestRunner {
  readonly describe: (name: string, define: () => void) => unknown;
  readonly it: (name: string, run: () => Promise<void>) => unknown;
}
/** Options of a suite, with the members of the object under test that it cannot have. */
interface SuiteOptions<Hook extends string> extends Partial<TestRunner> {
  readonly notShown?: Readonly<Partial<Record<Hook, string>>> | undefined;
}

/** A store for one case of the suite. */
interface StoreUnderTest {
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
type Hook = (typeof hooks)[number];
declare const hooks: readonly ['another', 'garble', 'hang'];
/** Settings of {@link describeSessionStore}. */
interface SessionStoreSuiteOptions extends SuiteOptions<Hook> {
  /**
   * The members of {@link StoreUnderTest} that this store cannot have, each with the reason. The cases that need them are
   * left out, and the title of the suite says so. Without a reason, these cases fail.
   */
  readonly notShown?: Readonly<Partial<Record<Hook, string>>> | undefined;
}

/**
 * Defines tests for everything that a `SessionStore` must do: keep records, decide between concurrent callers, end sessions,
 * limit them, and fail in time.
 *
 * Runs under Jest, Vitest and `node:test`. Needs only `describe` and `it`.
 *
 * @param name - name of the store, for the title of the suite.
 * @param makeStore - called for every case; returns a store without sessions, and what the suite may do to it.
 * @throws TypeError `describe` or `it` is neither global nor given, or an option is unknown. A test fails with a TypeError
 * when the object that `makeStore` returned has an unknown member.
 */
declare function describeSessionStore(
  name: string,
  makeStore: () => StoreUnderTest | Promise<StoreUnderTest>,
  options?: SessionStoreSuiteOptions,
): void;

/** A clock that a test sets. */
interface TestClock {
  /** Pass it as the option `clock` of a verifier, an issuer or a `MemorySessionStore`. */
  readonly now: Clock;
  /** Moves the clock forward by seconds, or back by a negative number of them. */
  advance(seconds: number): void;
  /** Sets the clock to milliseconds since the epoch, or to an invalid value on purpose. */
  set(milliseconds: number): void;
}
/**
 * Makes a clock that moves only when the test moves it, so that tests need not wait.
 *
 * @param start - milliseconds since the epoch. @defaultValue 1 795 435 200 000 (noon of 23 November 2026, UTC)
 * @throws TypeError `start` is not a number.
 */
declare function createTestClock(start?: number): TestClock;

/** Options of {@link createTokenBuilder}: the default claims of its tokens. */
interface TokenBuilderOptions {
  /** Written as `iss`. @defaultValue `'https://issuer.test'` */
  readonly issuer?: string | undefined;
  /** Written as `aud`. @defaultValue `'https://api.test'` */
  readonly audience?: string | readonly string[] | undefined;
  /** Written as `sub`. @defaultValue `'u_1'` */
  readonly subject?: string | undefined;
  /** Lifetime of a token in seconds. @defaultValue 300 (5 minutes) */
  readonly lifetime?: number | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}
/** Claims that are added to the default ones or replace them; `undefined` removes a claim. */
type ClaimChanges = Readonly<Record<string, unknown>>;
/** Makes the values of `Authorization` headers. */
interface TokenBuilder {
  /** Options for the application's verifier: `createTokenVerifier({ issuer, audience, keys })`. */
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly keys: readonly [SecretKeyOptions];
  /** `Bearer` and a valid token. */
  bearer(claims?: ClaimChanges): string;
  /** `Bearer` and a token that expired an hour ago: refused with `token_expired`. */
  expired(claims?: ClaimChanges): string;
  /** `Bearer` and a token that is signed with another key: refused with `token_invalid`. */
  forged(claims?: ClaimChanges): string;
  /** `Bearer` and a valid token of the same issuer for another service: refused with `token_invalid`. */
  forAnotherAudience(claims?: ClaimChanges): string;
}
/**
 * Makes a key and access tokens under it, to test an application's guards without an issuer, a store or a login.
 *
 * The tokens have the form that an issuer of tokenpair signs (HS256, `typ` `at+jwt`). Claims are not checked.
 *
 * @throws TypeError an option is unknown, or the claims of a token are not an object.
 */
declare function createTokenBuilder(options?: TokenBuilderOptions): TokenBuilder;

/** Options of {@link startKeySetServer}: the default claims of its tokens. */
interface KeySetServerOptions {
  /** Written as `aud`. @defaultValue `'https://api.test'` */
  readonly audience?: string | readonly string[] | undefined;
  /** Written as `sub`. @defaultValue `'u_1'` */
  readonly subject?: string | undefined;
  /** Lifetime of a token in seconds. @defaultValue 300 (5 minutes) */
  readonly lifetime?: number | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}
/** An issuer on a free port of this machine, with a key set and metadata. */
interface KeySetServer {
  /** Its name and URL, for `discoveredKeySet(issuer)` and the option `issuer`: `http://127.0.0.1:…`. */
  readonly issuer: string;
  /** The URL of the key set, for `remoteKeySet(url)`. */
  readonly url: string;
  readonly audience: string | readonly string[];
  /** Number of requests for the key set so far. */
  readonly requests: number;
  /** `Bearer` and a token that the current key signs (ES256, `typ` `at+jwt`). */
  bearer(claims?: ClaimChanges): string;
  /** Signs with a new key from now on. The former keys stay in the set, unless `withdraw` is true. */
  rotate(options?: { readonly withdraw?: boolean | undefined }): void;
  /** Answers every request with this status from now on: an outage. Without a status, it answers as usual again. */
  fail(status?: number): void;
  close(): Promise<void>;
}
/**
 * Starts a key-set server. Close it after the test.
 *
 * @throws TypeError an option is unknown.
 *
 * @example
 * const server = await startKeySetServer();
 * const { issuer, audience } = server;
 * const verifier = createTokenVerifier({ issuer, audience, keys: remoteKeySet(server.url) });
 * await verifyBearer(verifier, server.bearer({ sub: 'u_2' }));
 */
declare function startKeySetServer(options?: KeySetServerOptions): Promise<KeySetServer>;

/**
 * `down`: every call is rejected. `slow`: no call is ever answered. `garbled`: every call gets something that is not an
 * answer. `mute`: every call is carried out, and its answer is lost.
 */
type Breakage = 'down' | 'slow' | 'garbled' | 'mute';
/** The switches that break a store or a log. */
interface Switches {
  /** Makes every call fail in this way, until `repair()`. */
  break(how: Breakage): void;
  /** Carries out the next call and loses its answer, as when a connection is cut. */
  loseNextAnswer(): void;
  /** Lets every call reach the wrapped object again. */
  repair(): void;
}
/** A store, and the switches that break it. */
interface BreakableStore extends Switches {
  /** Pass this one to the issuer. */
  readonly store: SessionStore;
}
/** A revocation log, and the switches that break it. */
interface BreakableLog extends Switches {
  /** Pass this one to `createRevocations`. */
  readonly log: RevocationLog;
}
/**
 * Wraps a store so that a test can break and repair it. With it, test what your application responds during an outage, and
 * that its users are still signed in afterwards.
 *
 * Calls fail with a plain `Error` whose message is that of a refused connection. Your application must not send it to clients.
 *
 * @throws TypeError `sound` is not a session store, or `break()` gets another word.
 */
declare function breakable(sound: SessionStore): BreakableStore;
/**
 * Wraps a revocation log so that a test can break and repair it, as {@link breakable} wraps a store. With it, test what your
 * application responds while the log is down: logouts still answer as usual, and are announced after the outage.
 *
 * @throws TypeError `sound` is not a revocation log, or `break()` gets another word.
 */
declare function breakableLog(sound: RevocationLog): BreakableLog;

/** A revocation log for one case of the suite. */
interface RevocationLogUnderTest {
  /** Without entries. */
  readonly log: RevocationLog$1;
  /**
   * Returns a second log over the same data, as another process would have: with another connection, if there are connections.
   * For a log inside one process, return the log itself.
   */
  readonly another?: (() => RevocationLog$1 | Promise<RevocationLog$1>) | undefined;
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
type LogHook = (typeof logHooks)[number];
declare const logHooks: readonly ['another', 'advance', 'lose', 'flush', 'demote', 'hang'];
/** Settings of {@link describeRevocationLog}. */
interface RevocationLogSuiteOptions extends SuiteOptions<LogHook> {
  /**
   * The members of {@link RevocationLogUnderTest} that this log cannot have, each with the reason. The cases that need them are
   * left out, and the title of the suite says so. Without a reason, these cases fail.
   */
  readonly notShown?: Readonly<Partial<Record<LogHook, string>>> | undefined;
}

/**
 * Defines tests for everything that a `RevocationLog` must do: keep entries of several processes in one order, show what was
 * lost, keep the issuers apart, and fail in time.
 *
 * Runs under Jest, Vitest and `node:test`. Needs only `describe` and `it`.
 *
 * @param name - name of the log, for the title of the suite.
 * @param makeLog - called for every case; returns a log without entries, and what the suite may do to it.
 * @throws TypeError `describe` or `it` is neither global nor given, or an option is unknown. A test fails with a TypeError
 * when the object that `makeLog` returned has an unknown member.
 */
declare function describeRevocationLog(
  name: string,
  makeLog: () => RevocationLogUnderTest | Promise<RevocationLogUnderTest>,
  options?: RevocationLogSuiteOptions,
): void;

export {
  breakable,
  breakableLog,
  createTestClock,
  createTokenBuilder,
  describeRevocationLog,
  describeSessionStore,
  startKeySetServer,
};
export type {
  BreakableLog,
  BreakableStore,
  Breakage,
  ClaimChanges,
  Hook,
  KeySetServer,
  KeySetServerOptions,
  LogHook,
  Resume,
  RevocationLogSuiteOptions,
  RevocationLogUnderTest,
  SessionStoreSuiteOptions,
  StoreUnderTest,
  SuiteOptions,
  TestClock,
  TestRunner,
  TokenBuilder,
  TokenBuilderOptions,
};
