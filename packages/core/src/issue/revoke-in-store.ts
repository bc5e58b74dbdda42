// Ends a session in the store.

import { askStore } from './ask-store.js';
import type { IssuingContext } from './token-issuer.js';

/** Revokes a session in the store: true for the call that ended it. */
export function revokeInStore(tokens: IssuingContext, sessionId: string): Promise<boolean> {
  return askStore(tokens, 'revoke', sessionId);
}
