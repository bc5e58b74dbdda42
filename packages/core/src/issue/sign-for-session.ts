// Signs the access token of a refresh, within the scope of its session.

import { ScopeNotGrantedError } from '../errors/errors.js';
import { splitScope } from '../lib/scope.js';
import { end, invalid, type Refresh } from './decide-refresh.js';
import type { OwnSession } from './session-owner.js';
import { signAccessToken, type SignedAccessToken } from './sign-access-token.js';

export interface SignedGrant extends SignedAccessToken {
  readonly scope: string;
}

/** Signs the access token for a session, or ends the session when the `claims` hook denies its subject. */
export async function signOrEnd(
  { tokens, now, scope }: Refresh,
  { sessionId, subject, grant, createdAt, expiresAt, asOf }: OwnSession,
): Promise<SignedGrant> {
  const narrowed = scope === undefined ? grant.scope : narrow(grant.scope, scope);
  const signed = await signAccessToken(tokens, {
    subject,
    session: {
      sessionId,
      scope: narrowed,
      metadata: grant.metadata,
      createdAt,
      reason: 'refresh',
    },
    now,
    sessionLeft: expiresAt - asOf,
  });
  if (signed !== undefined) return { ...signed, scope: narrowed };
  if (await end(tokens, sessionId)) {
    tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'denied' });
  }
  throw invalid(tokens);
}

function narrow(granted: string, asked: unknown): string {
  const has = new Set(splitScope(granted));
  const scopes = typeof asked === 'string' ? splitScope(asked) : undefined;
  if (!scopes?.every((scope) => has.has(scope))) throw new ScopeNotGrantedError();
  return scopes.join(' ');
}
