// The example on a free port of `localhost`, with everything at hand that can go wrong around it.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { MemorySessionStore } from '@tokenpair/core';
import { type SessionSnapshot } from '@tokenpair/core/store';
import { breakable, type BreakableStore, createTestClock } from '@tokenpair/testing';

import type { Settings } from '../../examples/browser-cookie/src/tokens.js';
import { startServer } from '../support/http.js';
import { createHeldStore, type HeldStore } from './held-store.js';
import { ownerOf } from '../support/issuer.js';

export type CreateListener = (settings: Settings) => RequestListener;

/** A request that was answered, and what it was answered. */
export interface Exchange {
  readonly path: string;
  readonly cookie: string | undefined;
  readonly status: number;
  readonly setCookie: string | undefined;
}

export interface ServedExample {
  readonly url: string;
  readonly store: Pick<BreakableStore, 'break' | 'repair'> & Pick<HeldStore, 'holdRotations'>;
  /** Lets every access token expire that there is. */
  expireAccessTokens(): void;
  /** What has been answered by now, refreshes for example. */
  exchanges(path: string): readonly Exchange[];
  /** The live session of a user who has one. */
  sessionOf(subject: string): Promise<SessionSnapshot>;
  /** Cuts the connection instead of answering, from now on or no more. */
  loseAnswers(path: string | undefined): void;
  close(): Promise<void>;
}

/** @param travel - what a request to refresh, and then its answer, waits for on its way. */
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
    // Read now: Express takes the mount off it while it answers.
    const path = request.url ?? '';
    response.once('finish', () => log.push(toExchange(path, request, response)));
    if (path === losing) loseAnswer(response);
    if (travel === undefined || path !== '/auth/refresh') listener(request, response);
    else void delay(response, travel).then(() => listener(request, response));
  });

  return {
    url: `http://localhost:${server.port}`,
    store: { ...faulty, holdRotations: held.holdRotations },
    expireAccessTokens: () => clock.advance(61),
    exchanges: (path) => log.filter((exchange) => exchange.path === path),
    async sessionOf(subject) {
      const [session, ...others] = await memory.list(ownerOf(subject, 'https://login.example'));
      if (!session || others.length > 0) throw new Error(`${subject} has not one session`);
      return session;
    },
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

/** Waits as long as the request travels, and lets the answer travel as well: nothing of it leaves before its end. */
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
