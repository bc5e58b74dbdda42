// Signs the access token of a refresh, with the scope of its session or less. RFC 6749 §6

import { ScopeNotGrantedError } from '../errors/errors.js';
import { splitScope } from '../lib/scope.js';
import { askStore } from './ask-store.js';
import { invalidRefreshToken, type Refresh } from './decide-refresh.js';
import type { OwnSession } from './session-owner.js';
import { signAccessToken, type SignedAccessToken } from './sign-access-token.js';

export interface SignedGrant extends SignedAccessToken {
  readonly scope: string;
}

/** Signs the access token for a session, or revokes the session when the `claims` hook denies its subject. */
export async function signOrRevoke(
  { tokens, now, scope }: Refresh,
  { sessionId, subject, grant, createdAt, expiresAt, asOf }: OwnSession,
): Promise<SignedGrant> {
  const narrowed = scope === undefined ? grant.scope : narrow(grant.scope, scope);
  const signed = await signAccessToken(tokens, {
    subject,
    session: { sessionId, scope: narrowed, metadata: grant.metadata, createdAt, reason: 'refresh' },
    now,
    sessionLeft: expiresAt - asOf,
  });
  if (signed !== undefined) return { ...signed, scope: narrowed };
  if (await askStore(tokens, 'revoke', sessionId)) {
    tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'denied' });
  }
  throw invalidRefreshToken(tokens);
}

function narrow(granted: string, requested: unknown): string {
  const allowed = new Set(splitScope(granted));
  const scopes = typeof requested === 'string' ? splitScope(requested) : undefined;
  if (!scopes?.every((scope) => allowed.has(scope))) throw new ScopeNotGrantedError();
  return scopes.join(' ');
}
