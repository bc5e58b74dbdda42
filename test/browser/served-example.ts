// Serves the example on a free port of `localhost`, and lets a test break its store, its connections and its time.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { MemorySessionStore } from '@tokenpair/core';
import { type SessionSnapshot } from '@tokenpair/core/store';
import { breakable, type BreakableStore, createTestClock } from '@tokenpair/testing';

import type { Settings } from '../../examples/browser-cookie/src/tokens.js';
import { startServer } from '../support/http.js';
import { createHeldStore, type HeldStore } from './held-store.js';
import { ownerOf } from '../support/issuer.js';

export type CreateListener = (settings: Settings) => RequestListener;

/** A request and its answer. */
export interface Exchange {
  readonly path: string;
  readonly cookie: string | undefined;
  readonly status: number;
  readonly setCookie: string | undefined;
}

export interface ServedExample {
  readonly url: string;
  readonly store: Pick<BreakableStore, 'break' | 'repair'> & Pick<HeldStore, 'holdRotations'>;
  /** Makes every access token expire. */
  expireAccessTokens(): void;
  /** The requests to a path that were answered so far. */
  exchanges(path: string): readonly Exchange[];
  /** The only live session of a user. */
  sessionOf(subject: string): Promise<SessionSnapshot>;
  /** The IDs of a user's live sessions. */
  sessionIdsOf(subject: string): Promise<readonly string[]>;
  /** Cuts the connection of requests to a path instead of answering. `undefined`: answers again. */
  loseAnswers(path: string | undefined): void;
  close(): Promise<void>;
}

/** @param travel - delays each refresh request, and then its answer. */
export async function serveExample(
  createListener: CreateListener,
  travel?: () => Promise<void>,
): Promise<ServedExample> {
  const clock = createTestClock();
  const memory = new MemorySessionStore({ clock: clock.now });
  const held = createHeldStore(memory);
  const faulty = breakable(held.store);
  const listener = createListener({
    accessTokenLifetime: '1m',
    clock: clock.now,
    store: faulty.store,
  });
  const log: Exchange[] = [];
  let losing: string | undefined;

  const server = await startServer((request, response) => {
    // Read it now: Express removes the mount path from it while it handles the request.
    const [path = ''] = (request.url ?? '').split('?');
    response.once('finish', () => log.push(toExchange(path, request, response)));
    if (path === losing) loseAnswer(response);
    if (travel === undefined || path !== '/auth/refresh') listener(request, response);
    else void delay(response, travel).then(() => listener(request, response));
  });

  const sessionsOf = (subject: string) => memory.list(ownerOf(subject, 'https://login.example'));

  return {
    url: `http://localhost:${server.port}`,
    store: { ...faulty, holdRotations: held.holdRotations },
    expireAccessTokens: () => clock.advance(61),
    exchanges: (path) => log.filter((exchange) => exchange.path === path),
    async sessionOf(subject) {
      const [session, ...others] = await sessionsOf(subject);
      if (!session || others.length > 0) throw new Error(`${subject} has not one session`);
      return session;
    },
    sessionIdsOf: async (subject) => (await sessionsOf(subject)).map(({ sessionId }) => sessionId),
    loseAnswers: (path) => {
      losing = path;
    },
    async close() {
      await server.close();
      await memory.close();
    },
  };
}

function loseAnswer(response: ServerResponse): void {
  response.end = () => response.destroy();
}

/** Delays the request, and then the answer: no byte of the answer leaves before its delay has ended. */
async function delay(response: ServerResponse, travel: () => Promise<void>): Promise<void> {
  const end = response.end.bind(response) as (...args: readonly unknown[]) => void;
  response.end = (...args: readonly unknown[]) => {
    void travel().then(() => end(...args));
    return response;
  };
  await travel();
}

function toExchange(path: string, request: IncomingMessage, response: ServerResponse): Exchange {
  return {
    path,
    cookie: request.headers.cookie,
    status: response.statusCode,
    setCookie: response.getHeader('set-cookie')?.toString(),
  };
}
