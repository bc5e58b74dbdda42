// On every issuing journey: the one way to the store, whoever wrote it.

import { withDeadline } from '../lib/deadline.js';
import { isAuthError } from '../errors/auth-error.js';
import { StoreUnavailableError } from '../errors/errors.js';
import type { SessionStore } from '../store/session-store.js';
import { readOwnSession, type OwnSession } from './session-owner.js';
import { isAnswer } from './store-answers.js';
import type { IssuingContext } from './token-issuer.js';

type Operation = Exclude<keyof SessionStore, 'close'>;

/**
 * Calls a method of the store, waits no longer than the deadline, and looks at what it answers.
 *
 * @throws {@link StoreUnavailableError} (503) whatever went wrong; the outcome is then unknown.
 */
export async function askStore<T>(
  { store, hooks }: IssuingContext,
  operation: Operation,
  ask: (store: SessionStore) => Promise<T>,
): Promise<T> {
  try {
    const answer = await withDeadline(ask(store), hooks.deadline);
    if (!isAnswer(operation, answer)) throw new TypeError(`store.${operation}() answered nonsense`);
    return answer;
  } catch (error) {
    const cause = isAuthError(error) ? (error.cause ?? error) : error;
    hooks.emit({ type: 'store.unavailable', operation, cause });
    throw error instanceof StoreUnavailableError ? error : new StoreUnavailableError({ cause });
  }
}

/** The live session of an id, when it is one of this issuer's. */
export async function askForSession(
  tokens: IssuingContext,
  sessionId: string,
): Promise<OwnSession | undefined> {
  const session = await askStore(tokens, 'get', (store) => store.get(sessionId));
  return session && readOwnSession(tokens, sessionId, session);
}
