// On every issuing journey: the one way to the store.

import { withDeadline } from '../deadline.js';
import { isAuthError, StoreUnavailableError } from '../errors.js';
import type { SessionStore } from '../store/session-store.js';
import type { IssuingContext } from './token-issuer.js';

/**
 * Calls a method of the store, whoever wrote it, and waits no longer than the deadline.
 *
 * @throws {@link StoreUnavailableError} (503) whatever went wrong; the outcome is then unknown.
 */
export async function askStore<T>(
  { store, hooks }: IssuingContext,
  operation: keyof SessionStore,
  ask: (store: SessionStore) => Promise<T>,
): Promise<T> {
  try {
    return await withDeadline(ask(store), hooks.deadline);
  } catch (error) {
    const cause = isAuthError(error) ? (error.cause ?? error) : error;
    hooks.emit({ type: 'store.unavailable', operation, cause });
    throw error instanceof StoreUnavailableError ? error : new StoreUnavailableError({ cause });
  }
}
