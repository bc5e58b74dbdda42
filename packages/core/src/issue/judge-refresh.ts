// Judges a presented refresh token by the session record, and carries out a refusal. The table is in rotation.ts.

import { InvalidRefreshTokenError, RefreshPendingError } from '../errors/errors.js';
import type { RefreshRefusal } from '../hooks/events.js';
import { announceEnds } from './announce.js';
import { endIfRevoked } from './ended-session.js';
import type { RefreshKey } from './refresh-keys.js';
import { deriveSuccessor, type PresentedRefreshToken, type RefreshToken } from './refresh-token.js';
import { revokeInStore } from './revoke-in-store.js';
import { decide, type Verdict } from './rotation.js';
import type { OwnSession } from './session-owner.js';
import { emitAbout, emitRefusal, type EmittingCall, type EventSession } from './session-events.js';
import type { IssuingContext } from './token-issuer.js';

/** One call of `refreshTokenPair`. */
export interface Refresh {
  readonly tokens: IssuingContext;
  readonly presented: PresentedRefreshToken;
  /** Seals what this call writes, also when the keys are replaced during the call. */
  readonly key: RefreshKey;
  /** What the presented token derives to for the generation after its own, under that key. */
  readonly next: RefreshToken;
  /** The claim `rev` of the access token; `undefined` without a revocation log. */
  readonly rev: number | undefined;
  /** Milliseconds, for the access token. */
  readonly now: number;
  /** Names this call in the record, where the reuse interval is 0. */
  readonly attempt: string | undefined;
  readonly scope: string | undefined;
  /** Which client may use the session. `undefined`: not compared. */
  readonly client: ExpectedClient | undefined;
  readonly relay: boolean;
  /** The client sent a token of another system, and does not have the presented one yet (adopt-session.ts). */
  readonly isAdoption?: boolean;
  /** Maximum characters of the access token, if it must be shorter than verifiers accept. */
  readonly maxLength?: number | undefined;
  /** What the application says of the request. */
  readonly request: unknown;
}

/** The client that a session must have, so that a request may use it. */
export interface ExpectedClient {
  /** `undefined`: the session must have none. */
  readonly clientId: string | undefined;
  /** Whether a session without a client will do too. */
  readonly orNone?: boolean;
}

export function isClientOf(
  { clientId, orNone = false }: ExpectedClient,
  { data }: Pick<OwnSession, 'data'>,
): boolean {
  return data.clientId === clientId || (orNone && data.clientId === undefined);
}

/** The presented token serves for this record. */
export interface Acceptance {
  readonly verdict: 'rotate' | 'hold' | 'replay' | 'recover' | 'redo';
  readonly session: OwnSession;
  /** The refresh token for the client; for a hold and a redo, the presented one. */
  readonly token: RefreshToken;
}

/**
 * Accepts the presented token for a record, or refuses it and carries out what the refusal asks for.
 *
 * @param firstSeen - the record that the token was acceptable for, when this is a second look. A token that was in order when
 * a call began is never treated as reused by that call, however slow a hook was.
 * @throws {@link InvalidRefreshTokenError}, {@link RefreshPendingError} when the token is not accepted.
 */
export async function judge(
  refresh: Refresh,
  session: OwnSession | undefined,
  firstSeen?: OwnSession,
): Promise<Acceptance> {
  const { tokens, presented, client } = refresh;
  if (session === undefined || (await endIfRevoked(refresh, session))) {
    throw refusedAsAbsent(refresh);
  }
  // The token may be stolen from its client, or sent by mistake: the session does not end.
  if (client !== undefined && !isClientOf(client, session)) {
    throw refused(refresh, 'client', session);
  }
  const isPredecessor = session.state.predecessors.some(
    ({ secretHash }) => secretHash === presented.secretHash,
  );
  const successor = isPredecessor ? currentFrom(refresh, session) : undefined;
  const age = session.asOf - session.rotatedAt;
  const hasMoved = firstSeen !== undefined && firstSeen.secretHash !== session.secretHash;
  const settleTime = settleTimeOf(tokens, session);
  const verdict = decide(
    presented,
    {
      generation: session.generation,
      secretHash: session.secretHash,
      predecessors: session.state.predecessors.map(({ secretHash, firstUse }) => ({
        secretHash,
        firstUse: session.asOf - firstUse,
      })),
      age: hasMoved ? 0 : age,
      confirmed: session.confirmed,
      steppedUp: session.state.isUnderivable === true,
      keyIsThere: successor !== undefined,
    },
    { reuseInterval: settleTime / 2, settleTime, recovery: tokens.recovery },
  );
  if (verdict === 'rotate' || verdict === 'recover') {
    const token = successorFor(refresh, refresh.key, session.generation + 1);
    return { verdict, session, token };
  }
  if (verdict === 'replay') return { verdict, session, token: successor ?? presented };
  // The answer brings the current token to a client that lacks it, like a replay. Later, another tab might spend the token first.
  const isLate = verdict === 'hold' && refresh.isAdoption === true && age > settleTime / 2;
  if (isLate) return refuse(refresh, session, 'retry', firstSeen);
  if (verdict === 'hold' || verdict === 'redo') return { verdict, session, token: presented };
  return refuse(refresh, session, verdict, firstSeen);
}

/** What the presented token derives to under the key that the record names, if that is the current token. */
function currentFrom(refresh: Refresh, session: OwnSession): RefreshToken | undefined {
  const { state, generation, secretHash } = session;
  const key = refresh.tokens.refreshKeys.byId.get(state.keyId);
  const derived = key && successorFor(refresh, key, generation);
  return derived?.secretHash === secretHash ? derived : undefined;
}

function successorFor({ presented, key, next }: Refresh, under: RefreshKey, generation: number) {
  const isNext = under === key && generation === next.generation;
  return isNext ? next : deriveSuccessor(under, presented, generation);
}

async function refuse(
  refresh: Refresh,
  session: OwnSession,
  verdict: Exclude<Verdict, Acceptance['verdict']>,
  firstSeen: OwnSession | undefined,
): Promise<never> {
  const { tokens, presented } = refresh;
  if (firstSeen !== undefined) throw refreshPending(refresh, session, 1);
  if (verdict === 'retry') throw refreshPending(refresh, session, secondsToWait(tokens, session));
  const about = aboutGenerations(refresh, session);
  if (verdict === 'forged')
    emitAbout(refresh, session, { type: 'refresh.forged_with_valid_tag', ...about });
  if (verdict === 'rolled back')
    emitAbout(refresh, session, { type: 'session.rolled_back', ...about });
  if (verdict === 'invalid' && presented.generation < session.generation) {
    emitAbout(refresh, session, { type: 'refresh.unverifiable', ...about });
  }
  // Of many calls with one spent token, one revokes the session, and only that one emits.
  if (verdict === 'reused') {
    const isEnded = await revokeInStore(tokens, session.sessionId);
    void announceEnds(tokens, [session.sessionId]);
    if (isEnded) emitReuse(refresh, session, about);
  }
  const isUnverifiable = presented.generation < session.generation;
  const reason =
    verdict === 'invalid' ? (isUnverifiable ? 'unverifiable' : 'garbled') : reasons[verdict];
  throw refused(refresh, reason, session);
}

function emitReuse(
  refresh: Refresh,
  session: OwnSession,
  about: ReturnType<typeof aboutGenerations>,
): void {
  const { confirmed, asOf, rotatedAt } = session;
  const sinceRotation = asOf - rotatedAt;
  emitAbout(refresh, session, { type: 'refresh.reused', ...about, confirmed, sinceRotation });
  emitAbout(refresh, session, { type: 'session.revoked', reason: 'reuse' });
}

const reasons = { reused: 'reused', forged: 'forged', 'rolled back': 'rolled_back' } as const;

/** Emits `refresh.refused` and makes the error for the client, which does not say why. */
export function refused(
  call: Pick<Refresh, 'tokens' | 'request'> & Pick<EmittingCall, 'hint'>,
  reason: RefreshRefusal,
  session?: Partial<EventSession>,
): InvalidRefreshTokenError {
  const error = invalidRefreshToken(call.tokens);
  emitRefusal(call, session, { reason, code: error.code });
  return error;
}

/** The same for a token whose session is not in the store, or is of another issuer. */
export function refusedAsAbsent({
  tokens,
  request,
  presented: { sealed, sessionId },
}: Pick<Refresh, 'tokens' | 'request' | 'presented'>): InvalidRefreshTokenError {
  const call = { tokens, request };
  return sealed ? refused(call, 'ended', { sessionId }) : refused(call, 'unknown');
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
  emitAbout(refresh, session, { type: 'refresh.pending', ...aboutGenerations(refresh, session) });
  return new RefreshPendingError(seconds);
}

/**
 * The time in which a session rotates at most once: twice the reuse interval, in milliseconds.
 *
 * At most half the idle lifetime of the record. An issuer with a shorter reuse interval may have written the record, and a
 * session that could not rotate during its idle lifetime would end although its user is active.
 */
export function settleTimeOf(
  { reuseInterval }: Pick<IssuingContext, 'reuseInterval'>,
  { idleLifetime }: Pick<OwnSession, 'idleLifetime'>,
): number {
  return Math.min(2 * reuseInterval, Math.floor(idleLifetime / 2));
}

// After the settle time, the client waits for a write that the store has lost to be made again by another tab.
const secondsForALostWrite = 30;

/** Whole seconds until the settle time has passed, at least one. */
function secondsToWait(tokens: IssuingContext, session: OwnSession): number {
  const settleTime = settleTimeOf(tokens, session);
  const age = session.asOf - session.rotatedAt;
  if (Math.abs(age) > settleTime) return secondsForALostWrite;
  return Math.max(1, Math.ceil((settleTime - Math.max(0, age)) / 1_000));
}

function aboutGenerations({ presented }: Refresh, { generation }: OwnSession) {
  return { presentedGeneration: presented.generation, storedGeneration: generation };
}
