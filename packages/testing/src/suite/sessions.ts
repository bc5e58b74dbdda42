// Sessions, rotations and limits as core would ask for them.

import { createHash, randomBytes } from 'node:crypto';

import {
  ownerTag,
  type Change,
  type CreateResult,
  type Expected,
  type NewSession,
  type SessionLimit,
  type SessionSnapshot,
  type SessionStore,
  type SwapResult,
} from '@tokenpair/core/store';

const day = 86_400_000;

/** A limit that nothing in the suite reaches. */
export const roomy: SessionLimit = { max: 1_000, onLimit: 'reject' };

/** Parallel callers. */
export const many = 60;

/** A text with the form of a secret's hash. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/**
 * A session as core would create it: 30 days idle, 90 in all, generation 1 and the hash of `secret 1`.
 *
 * @param changes - what a test wants otherwise; the session ID follows the owner.
 */
export function newSession(changes: Partial<NewSession> & Pick<NewSession, 'owner'>): NewSession {
  return {
    sessionId: ownerTag(changes.owner) + randomBytes(16).toString('base64url'),
    generation: 1,
    secretHash: digest('secret 1'),
    state: '1',
    idleLifetime: 30 * day,
    absoluteLifetime: 90 * day,
    data: '{"scope":"a b","meta":{},"version":1}',
    ...changes,
  };
}

export type Token = NonNullable<Change['token']>;

export function expectOf(
  generation: number,
): Required<Pick<Expected, 'generation' | 'secretHash'>> {
  return { generation, secretHash: digest(`secret ${generation}`) };
}

/** The token half after the rotation of this generation. */
export function successorOf(generation: number, changes: Partial<Token> = {}): Token {
  const state = `1 ${generation}.${digest(`secret ${generation}`)}`;
  return { ...expectOf(generation + 1), state, ...changes };
}

/** The rotation of a session from one generation to the next, as core would ask for it. */
export function rotateOnce(
  store: SessionStore,
  sessionId: string,
  generation: number,
): Promise<SwapResult> {
  return store.swap(sessionId, expectOf(generation), { token: successorOf(generation) });
}

export async function outcomeOf(
  store: SessionStore,
  sessionId: string,
  generation: number,
): Promise<SwapResult['outcome']> {
  return (await rotateOnce(store, sessionId, generation)).outcome;
}

export function sessionOf(result: CreateResult | SwapResult): SessionSnapshot {
  if ('session' in result) return result.session;
  throw new Error(`the store answered '${result.outcome}' instead of a session`);
}

export function idsOf(sessions: readonly SessionSnapshot[]): string[] {
  return sessions.map(({ sessionId }) => sessionId);
}

export function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
