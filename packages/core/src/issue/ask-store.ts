// Every call of the session store goes through here: deadline, check of the answer, error.

import { withDeadline } from '../lib/deadline.js';
import { isAuthError } from '../errors/auth-error.js';
import { StoreUnavailableError } from '../errors/errors.js';
import type { SessionStore } from '../store/session-store.js';
import { readOwnSession, type OwnSession } from './session-owner.js';
import { isAnswer } from './store-answers.js';
import type { IssuingContext } from './token-issuer.js';

type Operation = Exclude<keyof SessionStore, 'close'>;

/**
 * Calls a method of the store, waits for the deadline at most, and checks the form of the answer.
 *
 * @throws {@link StoreUnavailableError} (503) for every failure. Whether the store has done its work is then unknown.
 */
export async function askStore<T>(
  { store, hooks }: IssuingContext,
  operation: Operation,
  ask: (store: SessionStore) => Promise<T>,
): Promise<T> {
  try {
    const answer = await withDeadline(ask(store), hooks.deadline);
    if (!isAnswer(operation, answer)) throw invalidAnswer(operation);
    return answer;
  } catch (error) {
    const cause = isAuthError(error) ? (error.cause ?? error) : error;
    hooks.emit({ type: 'store.unavailable', operation, cause });
    throw error instanceof StoreUnavailableError ? error : new StoreUnavailableError({ cause });
  }
}

function invalidAnswer(operation: Operation): TypeError {
  return new TypeError(
    `store.${operation}() answered something else than the SessionStore interface says`,
  );
}

/** The live session with this ID; `undefined` when there is none, or when it belongs to another issuer. */
export async function askForSession(
  tokens: IssuingContext,
  sessionId: string,
): Promise<OwnSession | undefined> {
  const session = await askStore(tokens, 'get', (store) => store.get(sessionId));
  return session && readOwnSession(tokens, sessionId, session);
}
