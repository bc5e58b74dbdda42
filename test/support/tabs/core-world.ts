// Calls core directly, in virtual time, with a slow store and a slow hook, so that the steps of several calls interleave.

import {
  isAuthError,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  verifyBearer,
  type SessionStore,
  type TokenpairEvent,
} from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { createTestIssuer } from '../issuer.js';
import type { Answer, Client } from './client.js';
import { isAccusation } from './storm.js';
import { createVirtualTime, type Timeline } from './timeline.js';

/** Maximum delays in milliseconds. Each delay is a new random number. */
export interface Durations {
  /** Half of a store command: the command, or its answer. */
  readonly store: () => number;
  readonly hook: (() => number) | undefined;
}

export interface CoreWorld {
  readonly time: Timeline;
  readonly client: Client;
  readonly events: readonly TokenpairEvent[];
  /** When the session rotated, by the store's clock. */
  readonly rotations: readonly number[];
  close(): Promise<void>;
}

/** @param reuseInterval - seconds. */
export function openCoreWorld(reuseInterval: number, durations: Durations): CoreWorld {
  const clock = createTestClock();
  const time = createVirtualTime(clock);
  const memory = new MemorySessionStore({ clock: clock.now, capacity: 1_000 });
  const rotations: number[] = [];
  const events: TokenpairEvent[] = [];
  const { hook } = durations;
  const claims = async () => {
    await time.sleep(hook?.() ?? 0);
    return {};
  };
  const { tokens } = createTestIssuer({
    store: delay(memory, () => time.sleep(durations.store()), watch),
    clock: clock.now,
    reuseInterval,
    onEvent: (event) => isAccusation(event) && events.push(event),
    ...(hook && { claims }),
  });

  let generation = 1;
  async function watch(sessionId: unknown): Promise<void> {
    const session = typeof sessionId === 'string' ? await memory.get(sessionId) : undefined;
    if (session === undefined || session.generation === generation) return;
    ({ generation } = session);
    rotations.push(session.rotatedAt);
  }

  const client: Client = {
    kept: undefined,
    port: 0,
    seen: [],
    login: (subject) => answerOf(issueTokenPair(tokens, { subject })),
    refresh: (sent) => answerOf(refreshTokenPair(tokens, sent)),
    // As in a cookie jar, an answer with an unchanged refresh token stores nothing.
    receive(sent, { refreshToken }) {
      if (refreshToken !== undefined && refreshToken !== sent) this.kept = refreshToken;
    },
    me: (accessToken) =>
      answerOf(verifyBearer(tokens.verifier, `Bearer ${accessToken}`).then(() => ({}))),
  };
  return { time, client, events, rotations, close: () => memory.close() };
}

async function answerOf(
  call: Promise<{ readonly accessToken?: string; readonly refreshToken?: string }>,
): Promise<Answer> {
  const none = { code: undefined, action: undefined, retryAfter: undefined };
  try {
    const { accessToken, refreshToken } = await call;
    return { ...none, status: 200, accessToken, refreshToken };
  } catch (error) {
    if (!isAuthError(error)) throw error;
    const { status, code, action, headers } = error;
    const seconds = headers['Retry-After'];
    const retryAfter = seconds === undefined ? undefined : Number(seconds);
    return { status, code, action, retryAfter, accessToken: undefined, refreshToken: undefined };
  }
}

/** A store whose commands and answers are delayed. `done` is called when a command is executed. */
function delay(
  inner: SessionStore,
  way: () => Promise<void>,
  done: (sessionId: unknown) => Promise<void>,
): SessionStore {
  return new Proxy(inner, {
    get(target, name: keyof SessionStore) {
      const method = target[name] as unknown;
      if (typeof method !== 'function') return method;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        await way();
        const result: unknown = await Reflect.apply(method, target, args);
        await done(args[0]);
        await way();
        return result;
      };
    },
  });
}
