// A steady load of clients that do as they should: they sign in, refresh again and again, and upon 503 try again with
// the token that they have. A few others sign in and log out, and keep their last token to try it at the end.

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

import { createTestIssuer } from './issuer.js';

export interface HonestLoad {
  /** Lets the load run for a while. */
  run(milliseconds: number): Promise<void>;
  /** Lets every client sign in anew, so that its next refresh is a rotation. Resolves when all have. */
  signInAnew(): Promise<void>;
  /** Signs others in; what it answers logs them out, one and all. */
  prepareLogouts(count: number): Promise<() => Promise<void>>;
  /** Marks the moment of the fault. */
  fault(what: () => Promise<void> | void): Promise<void>;
  /** Ends the load, lets every client refresh a last time, and tells what came of it. */
  stop(): Promise<LoadReport>;
}

export interface LoadReport {
  readonly clients: number;
  /** Clients whose last refresh succeeded and whose access token is good. */
  readonly signedIn: number;
  readonly refreshes: number;
  /** Answers with status 503. */
  readonly unavailable: number;
  /** Sessions that clients lost: they were told to sign in again, and did. */
  readonly lost: readonly LostSession[];
  /** Sessions for whose loss nobody knows a reason: no write of theirs can have been lost in a failover. */
  readonly unexplained: readonly LostSession[];
  readonly loggedOut: number;
  /** Sessions that were logged out, and could be refreshed afterwards. */
  readonly cameBack: readonly { readonly beforeFault: number }[];
  /** Events `refresh.reused`. */
  readonly thieves: number;
  /** Milliseconds that the slowest answer took, whatever it was. */
  readonly slowest: number;
  /** Milliseconds from the fault to the first refresh after the last 503. */
  readonly outage: number;
  /** What is no answer that a client may get. */
  readonly surprises: readonly unknown[];
}

interface LostSession {
  readonly sessionId: string;
  readonly rolledBack: boolean;
  /** Milliseconds from the login to the fault; negative when it came later. */
  readonly age: number;
}

/** How long before a failover an acknowledged write may have been lost. Replication on loopback takes less than 1 ms. */
const replicationLag = 1_000;
const patience = 20_000;

/** Refreshes of a client after which there was a load. */
export const enoughEach = 10;

/**
 * @param stores - views of one and the same Redis; every client uses them in turn, as if behind a load balancer.
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
    signedIn: 0,
    faultAt: Infinity,
    lastUnavailableAt: 0,
  };
  const lost: { readonly sessionId: string; readonly signedInAt: number }[] = [];
  const left: { readonly refreshToken: string; readonly at: number }[] = [];
  const cameBack: { readonly beforeFault: number }[] = [];
  const surprises: unknown[] = [];
  const stopping = new AbortController();

  const [first] = stores;
  if (first === undefined) throw new Error('a load needs a store');
  const { another } = createTestIssuer({
    reuseInterval: 30,
    onEvent: (event) => events.push(event),
  });
  const issuers = stores.map((store) => another({ store }));
  let turn = 0;
  let wave = 0;
  /** Clients that have not signed in anew yet. */
  const waiting = new Set<string>();

  /** One request: answers what the server answers, or `undefined` for 503. */
  async function request<T>(ask: (tokens: TokenIssuer) => Promise<T>): Promise<T | undefined> {
    const tokens = issuers[turn++ % issuers.length] as TokenIssuer;
    const begin = performance.now();
    try {
      return await ask(tokens);
    } catch (error) {
      if (!isAuthError(error) || error.status !== 503) throw error;
      tally.unavailable += 1;
      tally.lastUnavailableAt = Date.now();
      return undefined;
    } finally {
      tally.slowest = Math.max(tally.slowest, performance.now() - begin);
    }
  }

  /** Asks until there is an answer other than 503. */
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
      // A session rotates once and is then held for a minute. New logins keep rotations under way at every moment.
      if (refreshes === 8 || isOf !== wave) {
        [isOf, refreshes] = [wave, 0];
        state = await signIn(subject);
        waiting.delete(subject);
      } else {
        state = await refreshOrSignIn(subject, state.pair, state.signedInAt);
      }
      // As many as one process serves without effort: what is slow is then what went wrong.
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
      cameBack.push({ beforeFault: tally.faultAt - at });
    } catch (error) {
      if (!isAuthError(error) || error.code !== 'refresh_token_invalid') throw error;
    }
  }

  /** On a machine that is busy the load takes longer to be one. */
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
    async fault(what) {
      tally.faultAt = Date.now();
      await what();
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
        age: tally.faultAt - signedInAt,
      }));
      return {
        clients,
        signedIn: tally.signedIn,
        refreshes: tally.refreshes,
        unavailable: tally.unavailable,
        lost: told,
        unexplained: told.filter((one) => !one.rolledBack && one.age > replicationLag),
        loggedOut: left.length,
        cameBack,
        thieves: events.filter(({ type }) => type === 'refresh.reused').length,
        slowest: Math.round(tally.slowest),
        outage: Math.max(0, tally.lastUnavailableAt - tally.faultAt),
        surprises,
      };
    },
  };
}

const metadata = { device: 'a phone that is often on the train', city: 'between two cities' };
