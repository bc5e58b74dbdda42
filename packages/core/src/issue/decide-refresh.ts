// Decides on a presented refresh token by the session record, and applies the decision. The table is in rotation.ts.

import { InvalidRefreshTokenError, RefreshPendingError } from '../errors/errors.js';
import { askStore } from './ask-store.js';
import type { RefreshKey } from './refresh-keys.js';
import {
  deriveSuccessor,
  type PresentedRefreshToken,
  type SealedRefreshToken,
} from './refresh-token.js';
import { decide, settleTimeOf, type Verdict } from './rotation.js';
import type { OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

/** One call of {@link refreshTokenPair}. */
export interface Refresh {
  readonly tokens: IssuingContext;
  readonly presented: PresentedRefreshToken;
  /** Seals what this call writes, also when the keys are replaced during the call. */
  readonly key: RefreshKey;
  /** The token of the next generation under that key. */
  readonly next: SealedRefreshToken;
  /** Milliseconds, for the access token. */
  readonly now: number;
  readonly attempt: string;
  readonly scope: string | undefined;
}

/** The presented token is accepted for this record. Nothing has been written yet. */
export interface Acceptance {
  readonly verdict: 'rotate' | 'hold' | 'replay';
  readonly session: OwnSession;
  /** The token that exists already, for a replay. */
  readonly successor?: SealedRefreshToken | undefined;
}

/**
 * Accepts the presented token for a session record, or applies the verdict against it.
 *
 * @throws {@link InvalidRefreshTokenError}, {@link RefreshPendingError} when it is not accepted.
 */
export async function decideFor(
  refresh: Refresh,
  session: OwnSession | undefined,
): Promise<Acceptance> {
  const { tokens, presented, attempt } = refresh;
  if (session === undefined) throw invalidRefreshToken(tokens);
  const isParent = presented.generation === session.parentGeneration;
  const successor = isParent ? successorIn(refresh, session) : undefined;
  const verdict = decide(
    { ...presented, attempt, derivedHash: successor?.secretHash },
    session,
    tokens,
  );
  if (verdict === 'rotate' || verdict === 'hold') return { verdict, session };
  if (verdict === 'replay') return { verdict, session, successor };
  return applyVerdict(refresh, verdict, session);
}

/**
 * What the presented token derives to for the generation of a record, under the key that the record names: a change of keys
 * must not change the answer. `undefined` when that key is no longer among the keys.
 */
export function successorIn(
  { tokens, presented, key, next }: Refresh,
  { keyId, generation }: OwnSession,
): SealedRefreshToken | undefined {
  const recordKey = tokens.refreshKeys.byId.get(keyId);
  if (recordKey === key && generation === next.generation) return next;
  return recordKey && deriveSuccessor(recordKey, presented, generation);
}

async function applyVerdict(
  refresh: Refresh,
  verdict: Exclude<Verdict, Acceptance['verdict']>,
  session: OwnSession,
): Promise<never> {
  const { tokens } = refresh;
  const { sessionId, subject } = session;
  const about = aboutGenerations(refresh, session);
  if (verdict === 'pending') {
    throw refreshPending(refresh, session, secondsToSettle(tokens, session));
  }
  if (verdict === 'forged') tokens.hooks.emit({ type: 'refresh.forged_with_valid_tag', ...about });
  if (verdict === 'rolled back') tokens.hooks.emit({ type: 'session.rolled_back', ...about });
  // Of many calls with one spent token, one revokes the session, and only that one emits.
  if (verdict === 'reused' && (await askStore(tokens, 'revoke', sessionId))) {
    tokens.hooks.emit({ type: 'refresh.reused', ...about });
    tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'reuse' });
  }
  throw invalidRefreshToken(tokens);
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

/** Whole seconds until the settle time has passed, at least one. */
function secondsToSettle(tokens: IssuingContext, session: OwnSession): number {
  const settleTime = settleTimeOf(tokens, session);
  const age = Math.max(0, session.asOf - session.rotatedAt);
  return Math.max(1, Math.ceil((settleTime - age) / 1_000));
}

function aboutGenerations({ presented }: Refresh, { sessionId, subject, generation }: OwnSession) {
  return {
    sessionId,
    subject,
    presentedGeneration: presented.generation,
    storedGeneration: generation,
  };
}
