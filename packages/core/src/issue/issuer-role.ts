// What an issuer lends the follower of its revocation log.

import type { IssuerRole } from '../revocations/follow-settings.js';
import { askStore } from './ask-store.js';
import { revokeInStore } from './revoke-in-store.js';
import type { IssuingContext } from './token-issuer.js';

// The largest clock tolerance of a verifier is 5 minutes, and clocks may differ by 10.
const margin = 15 * 60 * 1_000;

export function roleOf(tokens: IssuingContext): IssuerRole {
  return {
    keep: tokens.accessTokenLifetime * 1_000 + margin,
    revoke: (sessionId) => revokeInStore(tokens, sessionId),
    raise: (mark) => askStore(tokens, 'raise', `everything:${tokens.issuer}`, mark),
  };
}
