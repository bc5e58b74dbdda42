// breakable.d.ts
import type { SessionStore } from '@tokenpair/core';
/**
 * `down`: every call is refused. `slow`: no call is ever answered. `garbled`: every call is answered with what is no
 * answer. `mute`: every call is carried out, and its answer is lost.
 */
export type Breakage = 'down' | 'slow' | 'garbled' | 'mute';
/** A store, and the switches that break it. */
export interface BreakableStore {
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
export declare function breakable(sound: SessionStore): BreakableStore;

// describe-session-store.d.ts
import { type SessionStoreSuiteOptions, type StoreUnderTest } from './suite/store-under-test.js';
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
export declare function describeSessionStore(name: string, makeStore: () => StoreUnderTest | Promise<StoreUnderTest>, options?: SessionStoreSuiteOptions): void;

// index.d.ts
export { describeSessionStore } from './describe-session-store.js';
export type { Hook, Resume, SessionStoreSuiteOptions, StoreUnderTest, TestRunner, } from './suite/store-under-test.js';
export { createTestClock } from './test-clock.js';
export type { TestClock } from './test-clock.js';
export { createTokenBuilder } from './token-builder.js';
export type { ClaimChanges, TokenBuilder, TokenBuilderOptions } from './token-builder.js';
export { breakable } from './breakable.js';
export type { BreakableStore, Breakage } from './breakable.js';

// suite/case.d.ts
import { type NewSession, type SessionSnapshot, type SessionStore } from '@tokenpair/core';
import { type Hook, type StoreUnderTest } from './store-under-test.js';
export interface Case {
    readonly says: string;
    /** What {@link StoreUnderTest} must give for this case. */
    readonly needs?: Hook;
    readonly run: (world: World) => Promise<void>;
}
export interface Section {
    readonly title: string;
    readonly cases: readonly Case[];
}
/** Time as the case may spend it: of the store's clock where that can be moved, real and short where not. */
export interface SuiteTime {
    /** A lifetime to give to sessions. */
    readonly hour: number;
    /** Whether the clock of the store can be moved: then days pass at once. */
    readonly isMovable: boolean;
    readonly pass: (milliseconds: number) => Promise<void>;
    /** Long enough for two instants to differ. */
    readonly moment: () => Promise<void>;
    /** Most of a span: what is to last for the span is still there. */
    readonly mostOf: (span: number) => Promise<void>;
    /** What {@link SuiteTime.mostOf} left of it: what was to last for the span is over. */
    readonly restOf: (span: number) => Promise<void>;
}
export interface World {
    readonly store: SessionStore;
    /** Over the same data. */
    readonly other: SessionStore;
    readonly under: StoreUnderTest;
    readonly time: SuiteTime;
    /** Whose sessions these are, unless a case says otherwise. */
    readonly subject: string;
    /** A session of that subject, not yet created. */
    readonly session: (changes?: Partial<NewSession>) => NewSession;
    /** Creates one and answers its id. */
    readonly create: (changes?: Partial<NewSession>) => Promise<string>;
    readonly read: (sessionId: string) => Promise<SessionSnapshot>;
    /** The session is absent to every method of both stores, and nothing else of the subject is there. */
    readonly isOver: (sessionId: string) => Promise<void>;
}
/** Runs a case on a store of its own. With real time it goes again, slower, when the machine could not keep up. */
export declare function runCase({ needs, run }: Case, makeStore: () => StoreUnderTest | Promise<StoreUnderTest>): Promise<void>;
/** Every member of `part` is in `actual` as it is there. */
export declare function includes(actual: object | undefined, part: object): void;
/** The record is as it was; only the instant of reading is another. */
export declare function isUnchanged(actual: SessionSnapshot | undefined, before: SessionSnapshot): void;
export declare function sorted(texts: readonly string[]): string[];

// suite/creating.d.ts
import { type Section } from './case.js';
export declare const creating: Section;

// suite/ending.d.ts
import type { Section } from './case.js';
export declare const ending: Section;

// suite/failing.d.ts
import type { Section } from './case.js';
export declare const failing: Section;

// suite/limiting.d.ts
import { type Section } from './case.js';
export declare const limiting: Section;

// suite/reading.d.ts
import type { Section } from './case.js';
export declare const reading: Section;

// suite/revoking.d.ts
import { type Section } from './case.js';
export declare const revoking: Section;
export declare const revokingSubjects: Section;

// suite/rotating.d.ts
import { type Section } from './case.js';
export declare const rotating: Section;

// suite/sessions.d.ts
import { type CreateResult, type ExpectedGeneration, type NewSession, type NextGeneration, type RotateResult, type SessionLimit, type SessionSnapshot, type SessionStore } from '@tokenpair/core';
/** A limit that nothing in the suite reaches. */
export declare const roomy: SessionLimit;
/** Callers at once. */
export declare const many = 200;
export declare function digest(text: string): string;
/**
 * A session as core would create it: 30 days idle, 90 in all, generation 1 and the hash of `secret 1`.
 *
 * @param changes - what a test wants otherwise; the session id follows the subject.
 */
export declare function newSession(changes: Partial<NewSession> & Pick<NewSession, 'subject'>): NewSession;
export declare function expectOf(generation: number): ExpectedGeneration;
export declare function nextOf(generation: number, changes?: Partial<NextGeneration>): NextGeneration;
/** The rotation of a session from one generation to the next, as core would ask for it. */
export declare function rotateOnce(store: SessionStore, sessionId: string, generation: number): Promise<RotateResult>;
export declare function outcomeOf(store: SessionStore, sessionId: string, generation: number): Promise<RotateResult['outcome']>;
export declare function sessionOf(result: CreateResult | RotateResult): SessionSnapshot;
export declare function idsOf(sessions: readonly SessionSnapshot[]): string[];
export declare function repeat<T>(count: number, make: (index: number) => T): T[];

// suite/store-under-test.d.ts
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
export type Resume = () => void | Promise<void>;
/** What not every store can show. */
export type Hook = (typeof hooks)[number];
export declare const hooks: readonly ['another', 'garble', 'hang'];
/** Every member of {@link StoreUnderTest}. */
export declare const storeUnderTestNames: readonly string[];
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

// suite/under-core.d.ts
import type { Section } from './case.js';
export declare const underCore: Section;

// test-clock.d.ts
import type { Clock } from '@tokenpair/core';
/** Time as a test sets it. */
export interface TestClock {
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
export declare function createTestClock(start?: number): TestClock;

// token-builder.d.ts
import { type Clock, type SecretKeyOptions } from '@tokenpair/core';
/** What the tokens of a {@link TokenBuilder} carry unless a test says otherwise. */
export interface TokenBuilderOptions {
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
export type ClaimChanges = Readonly<Record<string, unknown>>;
/** Makes the values of `Authorization` headers. */
export interface TokenBuilder {
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
export declare function createTokenBuilder(options?: TokenBuilderOptions): TokenBuilder;
