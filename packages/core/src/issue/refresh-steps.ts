// The steps of a refresh that can refuse it: the access token that comes along, the session record, whose table is in
// rotation.ts, and the next access token, on which the `claims` hook decides.

import {
  InvalidRefreshTokenError,
  RefreshPendingError,
  ScopeNotGrantedError,
  TokenPairMismatchError,
} from '../errors/errors.js';
import { failedClaimCheck, ownClaim } from '../jwt/claims.js';
import { splitScope } from '../lib/scope.js';
import { subjectTag, subjectTagOf } from '../store/session-id.js';
import { askStore } from './ask-store.js';
import {
  deriveSuccessor,
  type PresentedRefreshToken,
  type SealedRefreshToken,
} from './refresh-token.js';
import { decide, settleTimeOf } from './rotation.js';
import { ownerOf, type OwnSession } from './session-record.js';
import { signAccessToken, type SignedAccessToken } from './sign-access-token.js';
import type { IssuingContext } from './token-issuer.js';

/** One call of {@link refreshTokenPair}. */
export interface Refresh {
  readonly tokens: IssuingContext;
  readonly presented: PresentedRefreshToken;
  /** What this call writes, also when the keys are replaced during the call: the token of the next generation. */
  readonly next: SealedRefreshToken;
  /** Milliseconds, for the access token. */
  readonly now: number;
  readonly attempt: string;
  readonly scope: string | undefined;
}

/**
 * Requires that the access token, when there is one, is this issuer's and of the session and subject of the refresh token.
 *
 * The session ID contains the tag of its subject, so the store is not asked, and nothing is spent. A token whose key is not
 * among the keys counts as absent: a change of keys must not end a session. A bad signature under a known key is a mismatch.
 *
 * @throws {@link TokenPairMismatchError} (401) it is not, or there is none and the issuer requires one. So with
 * `requireAccessToken`, a token whose key is not among the keys is refused.
 */
export async function matchAccessToken(
  tokens: IssuingContext,
  { sessionId }: PresentedRefreshToken,
  accessToken: unknown,
): Promise<void> {
  const evidence = await compare(tokens, sessionId, accessToken);
  const isEnough = evidence === 'match' || (evidence === 'none' && !tokens.requireAccessToken);
  if (!isEnough) throw new TokenPairMismatchError(tokens.space);
}

async function compare(
  tokens: IssuingContext,
  sessionId: string,
  accessToken: unknown,
): Promise<'match' | 'mismatch' | 'none'> {
  if (accessToken === undefined) return 'none';
  if (typeof accessToken !== 'string') return 'mismatch';
  const reading = await tokens.reader.read(accessToken);
  if ('failed' in reading) return reading.isKeyUnknown === true ? 'none' : 'mismatch';
  if (failedClaimCheck(reading.claims, tokens) !== undefined) return 'mismatch';
  const [sid, sub] = [ownClaim(reading.claims, 'sid'), ownClaim(reading.claims, 'sub')];
  const isSubject =
    typeof sub === 'string' && subjectTag(ownerOf(tokens, sub)) === subjectTagOf(sessionId);
  return sid === sessionId && isSubject ? 'match' : 'mismatch';
}

/** The session, and the refresh token for the client. */
export interface Acceptance {
  /** `rotated` is still to be written when {@link decideFor} returns it. */
  readonly how: 'rotated' | 'held' | 'replayed';
  readonly session: OwnSession;
  readonly token: string;
}

/** Accepts the presented token for a session record, or applies the verdict against it and throws. */
export async function decideFor(
  refresh: Refresh,
  session: OwnSession | undefined,
): Promise<Acceptance> {
  const { tokens, presented, next, attempt } = refresh;
  if (session === undefined) throw invalidRefreshToken(tokens);
  const isParent = presented.generation === session.parentGeneration;
  const successor = isParent ? successorIn(refresh, session) : undefined;
  const derivedHash = successor?.secretHash;
  const verdict = decide({ ...presented, attempt, derivedHash }, session, tokens);
  if (verdict === 'rotate') return { how: 'rotated', session, token: next.token };
  if (verdict === 'hold') return { how: 'held', session, token: presented.token };
  if (verdict === 'replay' && successor) {
    return { how: 'replayed', session, token: successor.token };
  }
  if (verdict === 'pending') {
    const age = Math.max(0, session.asOf - session.rotatedAt);
    const seconds = Math.ceil((settleTimeOf(tokens, session) - age) / 1_000);
    throw refreshPending(refresh, session, Math.max(1, seconds));
  }
  const about = aboutGenerations(refresh, session);
  if (verdict === 'forged') tokens.hooks.emit({ type: 'refresh.forged_with_valid_tag', ...about });
  if (verdict === 'rolled back') tokens.hooks.emit({ type: 'session.rolled_back', ...about });
  // Of many calls with one spent token, one revokes the session, and only that one emits.
  const { sessionId, subject } = session;
  if (verdict === 'reused' && (await askStore(tokens, 'revoke', sessionId))) {
    tokens.hooks.emit({ type: 'refresh.reused', ...about });
    tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'reuse' });
  }
  throw invalidRefreshToken(tokens);
}

/**
 * What the presented token derives to for the generation of a record, under the key that the record names: a change of keys
 * must not change the answer. `undefined` when that key is no longer among the keys.
 */
export function successorIn(
  { tokens, presented, next }: Refresh,
  { keyId, generation }: OwnSession,
): SealedRefreshToken | undefined {
  const key = tokens.refreshKeys.byId.get(keyId);
  if (key?.id === next.keyId && generation === next.generation) return next;
  return key && deriveSuccessor(key, presented, generation);
}

export function invalidRefreshToken({ space }: IssuingContext): InvalidRefreshTokenError {
  return new InvalidRefreshTokenError(space);
}

/** Emits `refresh.pending` and makes the error for the client. */
export function refreshPending(
  refresh: Refresh,
  session: OwnSession,
  seconds: number,
): RefreshPendingError {
  refresh.tokens.hooks.emit({ type: 'refresh.pending', ...aboutGenerations(refresh, session) });
  return new RefreshPendingError(seconds);
}

function aboutGenerations({ presented }: Refresh, { sessionId, subject, generation }: OwnSession) {
  return {
    sessionId,
    subject,
    presentedGeneration: presented.generation,
    storedGeneration: generation,
  };
}

/** Signs the access token for a session, or revokes the session when the `claims` hook denies its subject. */
export async function signOrRevoke(
  { tokens, now, scope: requested }: Refresh,
  { sessionId, subject, grant, createdAt, expiresAt, asOf }: OwnSession,
): Promise<SignedAccessToken> {
  const scope = requested === undefined ? grant.scope : narrow(grant.scope, requested);
  const signed = await signAccessToken(tokens, {
    subject,
    session: { sessionId, scope, metadata: grant.metadata, createdAt, reason: 'refresh' },
    now,
    sessionLeft: expiresAt - asOf,
  });
  if (signed !== undefined) return signed;
  if (await askStore(tokens, 'revoke', sessionId)) {
    tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'denied' });
  }
  throw invalidRefreshToken(tokens);
}

// RFC 6749 §6
function narrow(granted: string, requested: unknown): string {
  const allowed = new Set(splitScope(granted));
  const scopes = typeof requested === 'string' ? splitScope(requested) : undefined;
  if (!scopes?.every((scope) => allowed.has(scope))) throw new ScopeNotGrantedError();
  return scopes.join(' ');
}
