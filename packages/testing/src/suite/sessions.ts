// Sessions, rotations and limits as core would ask for them.

import { createHash, randomBytes } from 'node:crypto';

import {
  subjectTag,
  type CreateResult,
  type ExpectedGeneration,
  type NewSession,
  type NextGeneration,
  type RotateResult,
  type SessionLimit,
  type SessionSnapshot,
  type SessionStore,
} from '@tokenpair/core/store';

const day = 86_400_000;

/** A limit that nothing in the suite reaches. */
export const roomy: SessionLimit = { max: 1_000, onLimit: 'reject' };

/** Callers at once. */
export const many = 200;

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/**
 * A session as core would create it: 30 days idle, 90 in all, generation 1 and the hash of `secret 1`.
 *
 * @param changes - what a test wants otherwise; the session id follows the subject.
 */
export function newSession(changes: Partial<NewSession> & Pick<NewSession, 'subject'>): NewSession {
  return {
    sessionId: subjectTag(changes.subject) + randomBytes(16).toString('base64url'),
    generation: 1,
    secretHash: digest('secret 1'),
    keyId: 1,
    parentGeneration: 0,
    attempt: randomBytes(12).toString('base64url'),
    cnf: '',
    idleLifetime: 30 * day,
    absoluteLifetime: 90 * day,
    data: '{"scope":"a b"}',
    ...changes,
  };
}

export function expectOf(generation: number): ExpectedGeneration {
  return { generation, secretHash: digest(`secret ${generation}`) };
}

export function nextOf(generation: number, changes: Partial<NextGeneration> = {}): NextGeneration {
  return {
    ...expectOf(generation + 1),
    keyId: 1,
    parentGeneration: generation,
    attempt: randomBytes(12).toString('base64url'),
    moveAnchor: true,
    ...changes,
  };
}

/** The rotation of a session from one generation to the next, as core would ask for it. */
export function rotateOnce(
  store: SessionStore,
  sessionId: string,
  generation: number,
): Promise<RotateResult> {
  return store.rotate(sessionId, expectOf(generation), nextOf(generation));
}

export async function outcomeOf(
  store: SessionStore,
  sessionId: string,
  generation: number,
): Promise<RotateResult['outcome']> {
  return (await rotateOnce(store, sessionId, generation)).outcome;
}

export function sessionOf(result: CreateResult | RotateResult): SessionSnapshot {
  if ('session' in result) return result.session;
  throw new Error(`the store answered '${result.outcome}' instead of a session`);
}

export function idsOf(sessions: readonly SessionSnapshot[]): string[] {
  return sessions.map(({ sessionId }) => sessionId);
}

export function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
