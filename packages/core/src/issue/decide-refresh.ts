// Holds a presented refresh token against the session record, and carries out what follows. The table is in rotation.ts.

import { InvalidRefreshTokenError, RefreshPendingError } from '../errors/errors.js';
import { askStore } from './ask-store.js';
import type { RefreshKey } from './refresh-keys.js';
import type { PresentedRefreshToken, SealedRefreshToken } from './refresh-token.js';
import { decide, settleTimeOf, type Verdict } from './rotation.js';
import type { OwnSession } from './session-owner.js';
import type { IssuingContext } from './token-issuer.js';

/** One call of {@link refreshTokenPair}, as its steps hand it on. */
export interface Refresh {
  readonly tokens: IssuingContext;
  readonly presented: PresentedRefreshToken;
  /** Seals what this call writes, also when the keys are replaced meanwhile. */
  readonly key: RefreshKey;
  /** Milliseconds, for the access token. */
  readonly now: number;
  readonly attempt: string;
  readonly scope: string | undefined;
  /** Derives a later token from the presented one, or answers the last one that it derived. */
  readonly derive: (key: RefreshKey, generation: number) => SealedRefreshToken;
}

/** The presented token is acceptable for this record. Nothing has been written yet. */
export interface Acceptance {
  readonly verdict: 'rotate' | 'hold' | 'replay';
  readonly session: OwnSession;
  /** The token that exists already, for a replay. */
  readonly successor?: SealedRefreshToken | undefined;
}

/** Holds the presented token against the record: accepts it, or refuses it with all that the verdict entails. */
export async function acceptFor(
  refresh: Refresh,
  session: OwnSession | undefined,
): Promise<Acceptance> {
  const { tokens, presented, attempt } = refresh;
  if (session === undefined) throw invalid(tokens);
  // The key of the successor that exists: a change of keys in between must not change the answer.
  const key = tokens.refreshKeys.byId.get(session.keyId);
  const mayReplay = key !== undefined && presented.generation === session.parentGeneration;
  const successor = mayReplay ? refresh.derive(key, session.generation) : undefined;
  const verdict = decide(
    { ...presented, attempt, derivedHash: successor?.secretHash },
    session,
    tokens,
  );
  if (verdict === 'rotate' || verdict === 'hold') return { verdict, session };
  if (verdict === 'replay') return { verdict, session, successor };
  return applyVerdict(refresh, verdict, session);
}

async function applyVerdict(
  refresh: Refresh,
  verdict: Exclude<Verdict, Acceptance['verdict']>,
  session: OwnSession,
): Promise<never> {
  const { tokens } = refresh;
  const { sessionId, subject } = session;
  const about = aboutGenerations(refresh, session);
  if (verdict === 'pending') throw pending(refresh, session, secondsToSettle(tokens, session));
  if (verdict === 'forged') tokens.hooks.emit({ type: 'refresh.forged_with_valid_tag', ...about });
  if (verdict === 'rolled back') tokens.hooks.emit({ type: 'session.rolled_back', ...about });
  // Of many calls that replay a token one ends the session, and only that one emits.
  if (verdict === 'reused' && (await end(tokens, sessionId))) {
    tokens.hooks.emit({ type: 'refresh.reused', ...about });
    tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'reuse' });
  }
  throw invalid(tokens);
}

export function invalid({ space }: IssuingContext): InvalidRefreshTokenError {
  return new InvalidRefreshTokenError(space);
}

export function pending(
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

function aboutGenerations(
  { presented }: Refresh,
  { sessionId, subject, generation }: OwnSession,
): {
  readonly sessionId: string;
  readonly subject: string;
  readonly presentedGeneration: number;
  readonly storedGeneration: number;
} {
  return {
    sessionId,
    subject,
    presentedGeneration: presented.generation,
    storedGeneration: generation,
  };
}

/** Ends the session: true for the call that ended it. */
export function end(tokens: IssuingContext, sessionId: string): Promise<boolean> {
  return askStore(tokens, 'revoke', (store) => store.revoke(sessionId));
}
