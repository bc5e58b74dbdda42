// Runs a steady load of honest clients. They sign in, refresh again and again, and after a 503 repeat the refresh with the token
// that they have. A few others sign in and log out, and try their last token at the end.

import { setTimeout as sleep } from 'node:timers/promises';

import {
  isAuthError,
  issueTokenPair,
  refreshTokenPair,
  revokeSession,
  verifyBearer,
  type SessionStore,
  type TokenIssuer,
  type TokenPair,
  type TokenpairEvent,
} from '@tokenpair/core';

import { startAwakeTime } from './awake-time.mjs';
import { createTestIssuer } from './issuer.js';

export interface HonestLoad {
  /** Lets the load run for some milliseconds. */
  run(milliseconds: number): Promise<void>;
  /** Lets every client sign in again, so that its next refresh is a rotation. Resolves when all have signed in. */
  signInAnew(): Promise<void>;
  /** Signs other clients in. The function that it answers logs all of them out. */
  prepareLogouts(count: number): Promise<() => Promise<void>>;
  /** Says that writes from now on may be lost in the fault to come. @defaultValue those of the moment of the fault */
  losesWritesFromNow(): void;
  /** Causes the fault, and records when it happened. */
  fault(what: () => Promise<void> | void): Promise<void>;
  /** Waits until a client has got a 503. */
  untilUnavailable(): Promise<void>;
  /** Ends the load, lets every client refresh a last time, and answers the report. */
  stop(): Promise<LoadReport>;
}

export interface LoadReport {
  readonly clients: number;
  /** Clients whose last refresh succeeded and whose access token is good. */
  readonly signedIn: number;
  readonly refreshes: number;
  /** Rotations that the store had lost and that core wrote again. */
  readonly redone: number;
  /** Answers with status 503. */
  readonly unavailable: number;
  /** Sessions that clients lost: they got the action `login`, and signed in again. */
  readonly lost: readonly LostSession[];
  /** Lost sessions without a reason: none of their writes can have been lost in a failover. */
  readonly unexplained: readonly LostSession[];
  readonly loggedOut: number;
  /** Sessions that could be refreshed after their logout, and how long that came before writes were lost, in milliseconds. */
  readonly cameBack: readonly { readonly beforeLoss: number }[];
  /** Events `refresh.reused`. */
  readonly thieves: number;
  /** Time of the slowest answer of any status, in milliseconds. */
  readonly slowest: number;
  /** The same, without the time in which the machine did not run the process of the test. */
  readonly slowestAwake: number;
  /** Time from the fault to the first refresh after the last 503, in milliseconds. */
  readonly outage: number;
  /** Answers that a client must not get. */
  readonly surprises: readonly unknown[];
}

interface LostSession {
  readonly sessionId: string;
  readonly rolledBack: boolean;
  /** Milliseconds from the login until writes were lost; negative when it came later. */
  readonly age: number;
}

/** How long before a failover an acknowledged write may have been lost. Replication on loopback takes less than 1 ms. */
const replicationLag = 1_000;
const patience = 60_000;

/** The number of refreshes per client that counts as a real load. */
export const enoughEach = 10;

/**
 * @param stores - several clients of one Redis; each client of the load uses them in turn, as behind a load balancer.
 */
export function startHonestClients(
  stores: readonly SessionStore[],
  { clients = 24, leavers = 4 } = {},
): HonestLoad {
  const events: TokenpairEvent[] = [];
  const tally = {
    refreshes: 0,
    unavailable: 0,
    slowest: 0,
    slowestAwake: 0,
    signedIn: 0,
    faultAt: Infinity,
    lossAt: Infinity,
    lastUnavailableAt: 0,
  };
  const lost: { readonly sessionId: string; readonly signedInAt: number }[] = [];
  const left: { readonly refreshToken: string; readonly at: number }[] = [];
  const cameBack: { readonly beforeLoss: number }[] = [];
  const surprises: unknown[] = [];
  const stopping = new AbortController();
  const awake = startAwakeTime();

  const [first] = stores;
  if (first === undefined) throw new Error('a load needs a store');
  const { another } = createTestIssuer({
    reuseInterval: 30,
    onEvent: (event) => events.push(event),
  });
  const issuers = stores.map((store) => another({ store }));
  let turn = 0;
  let wave = 0;
  /** Clients that have not signed in again yet. */
  const waiting = new Set<string>();

  /** Sends one request. Answers `undefined` for a 503. */
  async function request<T>(ask: (tokens: TokenIssuer) => Promise<T>): Promise<T | undefined> {
    const tokens = issuers[turn++ % issuers.length] as TokenIssuer;
    const begin = performance.now();
    const beginAwake = awake();
    try {
      return await ask(tokens);
    } catch (error) {
      if (!isAuthError(error) || error.status !== 503) throw error;
      tally.unavailable += 1;
      tally.lastUnavailableAt = Date.now();
      return undefined;
    } finally {
      tally.slowest = Math.max(tally.slowest, performance.now() - begin);
      tally.slowestAwake = Math.max(tally.slowestAwake, awake() - beginAwake);
    }
  }

  /** Repeats a request until the answer is not a 503. */
  async function insist<T>(ask: (tokens: TokenIssuer) => Promise<T>): Promise<T> {
    for (
      const end = Date.now() + patience;
      Date.now() < end;
      await sleep(50 + Math.random() * 50)
    ) {
      const answer = await request(ask);
      if (answer !== undefined) return answer;
    }
    throw new Error(`nothing but 503 for ${patience} ms`);
  }

  async function refreshOrSignIn(subject: string, pair: TokenPair, signedInAt: number) {
    try {
      const next = await insist((tokens) => refreshTokenPair(tokens, pair.refreshToken));
      tally.refreshes += 1;
      return { pair: next, signedInAt };
    } catch (error) {
      if (!isAuthError(error) || error.code !== 'refresh_token_invalid') throw error;
      lost.push({ sessionId: pair.sessionId, signedInAt });
      return signIn(subject);
    }
  }

  async function signIn(subject: string) {
    const pair = await insist((tokens) => issueTokenPair(tokens, { subject, metadata }));
    return { pair, signedInAt: Date.now() };
  }

  async function stay(subject: string): Promise<void> {
    let state = await signIn(subject);
    let isOf = wave;
    for (let refreshes = 0; !stopping.signal.aborted; refreshes += 1) {
      // A session rotates once and then not for a minute. New logins cause rotations at every moment.
      if (refreshes === 8 || isOf !== wave) {
        [isOf, refreshes] = [wave, 0];
        state = await signIn(subject);
        waiting.delete(subject);
      } else {
        state = await refreshOrSignIn(subject, state.pair, state.signedInAt);
      }
      // So few clients that one process serves them easily: a slow answer then comes from the fault.
      await sleep(40 + Math.random() * 80);
    }
    state = await refreshOrSignIn(subject, state.pair, state.signedInAt);
    const [tokens] = issuers;
    await verifyBearer((tokens as TokenIssuer).verifier, `Bearer ${state.pair.accessToken}`);
    tally.signedIn += 1;
  }

  async function comeAndGo(subject: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const { pair } = await signIn(subject);
      await logOut(pair);
      await sleep(60);
    }
  }

  async function logOut({ refreshToken }: TokenPair): Promise<void> {
    await insist((tokens) => revokeSession(tokens, { refreshToken }).then(() => true));
    left.push({ refreshToken, at: Date.now() });
  }

  async function tryAfterLogout({ refreshToken, at }: (typeof left)[number]): Promise<void> {
    try {
      await insist((tokens) => refreshTokenPair(tokens, refreshToken));
      cameBack.push({ beforeLoss: tally.lossAt - at });
    } catch (error) {
      if (!isAuthError(error) || error.code !== 'refresh_token_invalid') throw error;
    }
  }

  /** Waits until each client has refreshed often enough, which takes longer on a busy machine. */
  async function untilServed(): Promise<void> {
    const enough = clients * enoughEach;
    for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) {
      if (tally.refreshes > enough) return;
    }
  }

  const all = [
    ...Array.from({ length: clients }, (_, number) => stay(`honest-${number}`)),
    ...Array.from({ length: leavers }, (_, number) => comeAndGo(`leaver-${number}`)),
  ].map((one) => one.catch((error: unknown) => surprises.push(error)));

  return {
    async run(milliseconds) {
      await sleep(milliseconds);
    },
    async signInAnew() {
      wave += 1;
      for (let number = 0; number < clients; number += 1) waiting.add(`honest-${number}`);
      while (waiting.size > 0) await sleep(5);
    },
    async prepareLogouts(count) {
      const signedIn = await Promise.all(
        Array.from({ length: count }, (_, number) => signIn(`prepared-${number}`)),
      );
      return async () => {
        await Promise.all(signedIn.map(({ pair }) => logOut(pair)));
      };
    },
    losesWritesFromNow() {
      tally.lossAt = Date.now();
    },
    async fault(what) {
      tally.faultAt = Date.now();
      tally.lossAt = Math.min(tally.lossAt, tally.faultAt);
      await what();
    },
    async untilUnavailable() {
      for (const end = Date.now() + patience; Date.now() < end; await sleep(5)) {
        if (tally.unavailable > 0) return;
      }
      throw new Error(`no 503 for ${patience} ms`);
    },
    async stop() {
      await untilServed();
      stopping.abort();
      await Promise.all(all);
      for (const one of left) await tryAfterLogout(one).catch((error) => surprises.push(error));
      const rolledBack = new Set(
        events.flatMap((event) => (event.type === 'session.rolled_back' ? [event.sessionId] : [])),
      );
      const told = lost.map(({ sessionId, signedInAt }) => ({
        sessionId,
        rolledBack: rolledBack.has(sessionId),
        age: tally.lossAt - signedInAt,
      }));
      return {
        clients,
        signedIn: tally.signedIn,
        refreshes: tally.refreshes,
        redone: events.filter(
          (event) => event.type === 'session.refreshed' && event.how === 'redone',
        ).length,
        unavailable: tally.unavailable,
        lost: told,
        unexplained: told.filter((one) => !one.rolledBack && one.age > replicationLag),
        loggedOut: left.length,
        cameBack,
        thieves: events.filter(({ type }) => type === 'refresh.reused').length,
        slowest: Math.round(tally.slowest),
        slowestAwake: Math.round(tally.slowestAwake),
        outage: Math.max(0, tally.lastUnavailableAt - tally.faultAt),
        surprises,
      };
    },
  };
}

const metadata = { device: 'a phone that is often on the train', city: 'between two cities' };
