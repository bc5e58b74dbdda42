// Writes what a verdict on a refresh asks for: the next token half of the record.

import type { Change, Expected, SwapResult } from '../store/session-store.js';
import { askForSession, askStore } from './ask-store.js';
import { refreshPending, refusedAsAbsent, type Acceptance, type Refresh } from './judge-refresh.js';
import { isDerived, type RefreshToken } from './refresh-token.js';
import { nextVersion, writeSessionData } from './session-data.js';
import { readOwnSession, type OwnSession } from './session-owner.js';
import { writeState, type NextPredecessor } from './session-state.js';

/** What a store command came to: done, or the record as another call has left it. */
export interface Acted {
  readonly isDone: boolean;
  readonly session: OwnSession;
}

/**
 * Carries out a verdict.
 *
 * @throws {@link InvalidRefreshTokenError} (401) the session has ended.
 * @throws {@link RefreshPendingError} (503) nothing had to be written, and another call has changed the session meanwhile.
 */
export async function act(refresh: Refresh, accepted: Acceptance): Promise<Acted> {
  const { verdict, session, token } = accepted;
  if (verdict === 'hold' || verdict === 'replay') return lookAgain(refresh, session);
  const current = { generation: session.generation, secretHash: session.secretHash };
  if (verdict === 'rotate') return swap(refresh, current, { token: rotated(refresh, token) });
  if (verdict === 'redo') return swap(refresh, current, { token: redone(refresh, session) });
  // A confirm may have arrived since the record was read: then the successor was seen in use.
  return swap(
    refresh,
    { ...current, confirmed: session.confirmed, ...dataExpectedBy(session) },
    { token: recovered(refresh, session, token), ...dataAfterRecovery(session) },
  );
}

/**
 * Rotates without having read the record, in one round trip. A conflict returns the record.
 *
 * @param olderThan - milliseconds; a younger generation is a conflict.
 * @returns `undefined` when there is no session of this issuer.
 */
export async function rotateUnread(
  refresh: Refresh,
  olderThan: number | undefined,
): Promise<Acted | undefined> {
  const { presented, next } = refresh;
  const { generation, secretHash } = presented;
  const expect = { generation, secretHash, ...(olderThan !== undefined && { olderThan }) };
  const result = await sendSwap(refresh, expect, { token: rotated(refresh, next) });
  if (result.outcome === 'absent') return undefined;
  const session = readOwnSession(refresh.tokens, presented.sessionId, result.session);
  if (session !== undefined) return { isDone: result.outcome === 'swapped', session };
  if (result.outcome === 'swapped') await undo(refresh, next);
  return undefined;
}

// ---- the next token half ------------------------------------------------------------------------------------------------

type TokenHalf = NonNullable<Change['token']>;

function rotated({ presented, attempt }: Refresh, next: RefreshToken): TokenHalf {
  return halfOf(next, [identify(presented)], { attempt });
}

// The predecessor keeps its first use: the time in which it can recover does not slide.
function recovered(
  { presented, attempt }: Refresh,
  { state }: OwnSession,
  next: RefreshToken,
): TokenHalf {
  const known = state.predecessors.filter(({ secretHash }) => secretHash === presented.secretHash);
  return halfOf(next, known, { attempt });
}

// The same token is made current again. To go one further would make two generations in one settle time.
function redone({ tokens, presented, attempt }: Refresh, session: OwnSession): TokenHalf {
  const { predecessors } = session.state;
  const parent = predecessors.find(({ secretHash }) => secretHash === presented.parentHash);
  const key = tokens.refreshKeys.byId.get(presented.keyId);
  const isUnderivable = key === undefined || !isDerived(key, presented);
  return halfOf(presented, [parent ?? identify(session)], { attempt, isUnderivable });
}

function halfOf(
  { generation, secretHash, keyId }: RefreshToken,
  predecessors: readonly NextPredecessor[],
  marks: { readonly attempt: string | undefined; readonly isUnderivable?: boolean },
): TokenHalf {
  return { generation, secretHash, state: writeState({ keyId, predecessors, ...marks }) };
}

function identify({ generation, secretHash }: NextPredecessor): NextPredecessor {
  return { generation, secretHash };
}

// ---- the session half, after a step-up that was not seen in use ------------------------------------------------------------

const hasUnseenStepUp = ({ state, data }: OwnSession) =>
  state.isUnderivable === true && data.step !== undefined;

function dataExpectedBy(session: OwnSession): Pick<Expected, 'data'> {
  return hasUnseenStepUp(session) ? { data: session.dataText } : {};
}

// The recovering client may hold a copy from before the step-up, so its level is taken back.
function dataAfterRecovery(session: OwnSession): Pick<Change, 'data'> {
  if (!hasUnseenStepUp(session)) return {};
  const { data } = sessionToSign({ verdict: 'recover', session });
  return { data: writeSessionData({ ...data, version: nextVersion(data.version) }) };
}

/** The session that the access token is signed for, before the verdict is carried out: after a recovery it has no step-up. */
export function sessionToSign({
  verdict,
  session,
}: Pick<Acceptance, 'verdict' | 'session'>): OwnSession {
  const losesStepUp = verdict === 'recover' && hasUnseenStepUp(session);
  return losesStepUp ? { ...session, data: { ...session.data, step: undefined } } : session;
}

// ---- the store ------------------------------------------------------------------------------------------------------------

// Nothing is written for a hold or a replay. But the session may have ended or rotated while a hook was asked. After a
// logout there must be no access token, and a refresh token that was spent meanwhile would sign the client out later.
async function lookAgain(refresh: Refresh, seen: OwnSession): Promise<Acted> {
  const { tokens, presented } = refresh;
  const session = await askForSession(tokens, presented.sessionId);
  if (session === undefined) throw refusedAsAbsent(refresh);
  const { generation, secretHash } = seen;
  const isSame = session.generation === generation && session.secretHash === secretHash;
  if (!isSame) throw refreshPending(refresh, session, 1);
  return { isDone: true, session };
}

async function swap(refresh: Refresh, expect: Expected, next: Change): Promise<Acted> {
  const { tokens, presented, attempt } = refresh;
  const result = await sendSwap(refresh, expect, next);
  const session =
    result.outcome === 'absent'
      ? undefined
      : readOwnSession(tokens, presented.sessionId, result.session);
  if (session === undefined) throw refusedAsAbsent(refresh);
  // A client library that sends a command twice gets a conflict with its own write.
  const isOwn = attempt !== undefined && session.state.attempt === attempt;
  return { isDone: result.outcome === 'swapped' || isOwn, session };
}

function sendSwap(
  { tokens, presented }: Refresh,
  expect: Expected,
  next: Change,
): Promise<SwapResult> {
  return askStore(tokens, 'swap', presented.sessionId, expect, next);
}

/**
 * Takes back the rotation of a record of another audience. One issuer name and one refresh key open its token, so only the
 * record, which the swap returns, shows whose it is. Otherwise the token of its owner would be spent.
 */
async function undo(refresh: Refresh, { generation, secretHash }: RefreshToken): Promise<void> {
  // The settle time had passed, or there is no predecessor: an old predecessor must not be replayed afterwards.
  const half = halfOf(refresh.presented, [], { attempt: undefined });
  await sendSwap(refresh, { generation, secretHash }, { token: half });
}
