// Asks the real code how it answers a token of some generation for a record of some generation and age. Nothing else about a
// session changes the answer, so each case is asked once, with a new session.

import assert from 'node:assert/strict';

import { isAuthError, issueTokenPair, MemorySessionStore, refreshTokenPair } from '@tokenpair/core';
import { type SessionSnapshot } from '@tokenpair/core/store';

import { createTestIssuer } from '../issuer.js';
import { createTestClock } from '@tokenpair/testing';

/** The state of a session: which generation is current, and for how many steps. `null`: the session has ended. */
export type RecordState = { readonly generation: number; readonly age: number } | null;

export interface Call {
  readonly verdict: 'rotate' | 'hold' | 'replay' | 'pending' | 'refused';
  /** Generation of the refresh token in the answer; if the token is unchanged, the presented generation. */
  readonly answered: number | undefined;
  /** The record afterwards. */
  readonly record: RecordState;
  /** Steps after which the client may ask again. */
  readonly waits: number;
  /** The number of `refresh.reused` events. */
  readonly accusations: number;
}

export type Ask = (record: RecordState, presented: number) => Promise<Call>;

/** Seconds. */
export const reuseInterval = 30;
/** One step of time: the maximum duration of a refresh, from reading the jar to storing the answer. */
export const step = reuseInterval / 2;
/** Steps. */
export const settleSteps = (2 * reuseInterval) / step;
export const later = settleSteps + 1;

export function createOracle(): { readonly ask: Ask; close(): Promise<void> } {
  const clock = createTestClock();
  const memory = new MemorySessionStore({ clock: clock.now, capacity: 10_000 });
  const { tokens, events } = createTestIssuer({ store: memory, clock: clock.now, reuseInterval });
  const known = new Map<string, Promise<Call>>();

  async function ask(record: RecordState, presented: number): Promise<Call> {
    const texts = await makeSession(record?.generation ?? presented);
    const [first] = texts;
    if (first === undefined) throw new Error('a session begins with generation 1');
    const { sessionId } = first;
    clock.advance((record?.age ?? 0) * step);
    if (record === null) await memory.revoke(sessionId);
    const before = await memory.get(sessionId);
    events.length = 0;
    const answer = await refreshTokenPair(tokens, texts[presented - 1]?.refreshToken).catch(
      (error: unknown) => error,
    );
    const after = await memory.get(sessionId);
    const accusations = events.filter(({ type }) => type === 'refresh.reused').length;
    const state = after && { generation: after.generation, age: age(after) };
    const rest = { record: state ?? null, accusations, waits: 0, answered: undefined };

    if (isAuthError(answer) && answer.code === 'refresh_token_invalid') {
      return { ...rest, verdict: 'refused' };
    }
    if (isAuthError(answer) && (answer.code as string) === 'refresh_pending') {
      const seconds = Number(answer.headers['Retry-After']);
      assert.ok(Number.isInteger(seconds) && seconds >= 1, 'Retry-After is no number of seconds');
      assert.deepEqual(timeless(after), timeless(before), 'a pending answer changes the record');
      return { ...rest, verdict: 'pending', waits: Math.ceil(seconds / step) };
    }
    if (isAuthError(answer) || answer instanceof Error) throw answer;

    const { refreshToken } = answer as { readonly refreshToken: string };
    const found = texts.findIndex((one) => one.refreshToken === refreshToken) + 1;
    const answered = found || (after?.generation ?? 0);
    if (after?.generation !== before?.generation) {
      assert.equal(found, 0, 'a rotation answers a token that was there before');
      return { ...rest, verdict: 'rotate', answered };
    }
    assert.deepEqual(timeless(after), timeless(before), 'an answer without rotation is a write');
    // Every byte must equal a token of an earlier answer.
    assert.notEqual(found, 0, 'an answer without rotation makes another token');
    return { ...rest, verdict: found === presented ? 'hold' : 'replay', answered };
  }

  /** Signs in and rotates. Answers the pairs of all generations. */
  async function makeSession(generation: number) {
    const pairs = [await issueTokenPair(tokens, { subject: 'ada' })];
    while (pairs.length < generation) {
      clock.advance(later * step);
      pairs.push(await refreshTokenPair(tokens, pairs.at(-1)?.refreshToken));
    }
    return pairs;
  }

  return {
    ask(record, presented) {
      const name = JSON.stringify([record, presented]);
      const asked = known.get(name) ?? ask(record, presented);
      known.set(name, asked);
      return asked;
    },
    close: () => memory.close(),
  };
}

function age({ asOf, rotatedAt }: SessionSnapshot): number {
  return Math.min(later, Math.floor((asOf - rotatedAt) / 1_000 / step));
}

function timeless(session: SessionSnapshot | undefined) {
  return session && { ...session, asOf: 0 };
}
