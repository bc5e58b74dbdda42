// Refreshes a token pair: open, look, decide, sign, swap. RFC 6749 §6, RFC 9700 §4.14

import { readClock } from '../hooks/clock.js';
import { MissingRefreshTokenError, StoreUnavailableError } from '../errors/errors.js';
import { checkOptions } from '../lib/options.js';
import type { Millis, RotateResult } from '../store/session-store.js';
import { askForSession, askStore } from './ask-store.js';
import { newAttempt } from './attempt.js';
import { acceptFor, invalid, pending, type Acceptance, type Refresh } from './decide-refresh.js';
import { matchAccessToken } from './match-access-token.js';
import type { RefreshKey } from './refresh-keys.js';
import {
  deriveSuccessor,
  lastGeneration,
  openRefreshToken,
  type PresentedRefreshToken,
  type SealedRefreshToken,
} from './refresh-token.js';
import { settleTimeOf } from './rotation.js';
import { readOwnSession, type OwnSession } from './session-owner.js';
import { signOrEnd, type SignedGrant } from './sign-for-session.js';
import type { IssuingContext } from './token-issuer.js';
import { toTokenPair, type TokenPair } from './token-pair.js';

export interface RefreshOptions {
  /** The access token of the pair, expired or not, as further evidence. */
  readonly accessToken?: string | undefined;
  /** Less scope for the next access token than the session was granted; the session keeps it all. RFC 6749 §6 */
  readonly scope?: string | undefined;
}

const refreshOptionNames = ['accessToken', 'scope'];

/** How a refresh ends: the session as it is now, and the refresh token that the client goes on with. */
interface Outcome {
  readonly how: 'rotated' | 'held' | 'replayed';
  readonly session: OwnSession;
  readonly token: string;
}

/**
 * Exchanges a refresh token for the next token pair.
 *
 * A session rotates at most once per settle time, which is twice the reuse interval. A refresh before that answers a new
 * access token and the refresh token that was presented (`refreshTokenChanged` is false). Of any number of calls with one
 * token exactly one rotates; the others get the identical refresh token, within the reuse interval. A spent token that
 * comes after the settle time, or is older, ends its session and no other. What was in order when a call began is never
 * taken for theft, however slow a hook is. A call that fails with 503 has spent nothing, unless the store's answer was
 * lost: repeat it with the same token, inside the interval.
 *
 * Checks the tag before the store is asked; generation and secret against the record; both lifetimes by the store's
 * clock; the access token's signature, `iss`, `aud`, `sub` and `sid` when it is sent along, not its times. An access token
 * whose `kid` is not among the keys, or no longer is, counts as absent.
 *
 * @param refreshToken - as the client sent it; anything but a string is refused.
 * @throws {@link MissingRefreshTokenError} (401) there is none.
 * @throws {@link InvalidRefreshTokenError} (401) it is forged, unknown, expired, revoked or reused, or its subject was
 * denied.
 * @throws {@link RefreshPendingError} (503) it was spent a moment ago; nothing happened. Repeat after `Retry-After`.
 * @throws {@link TokenPairMismatchError} (401) the access token is not of this session; nothing was spent.
 * @throws {@link ScopeNotGrantedError} (400) more scope was asked for than was granted; nothing was spent.
 * @throws {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503) store or hook failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook answered more than fits into an access token; nothing was spent.
 * @throws TypeError `options` has an unknown member, `access_token` for example; nothing was spent.
 */
export async function refreshTokenPair(
  tokens: IssuingContext,
  refreshToken: string | null | undefined,
  options: RefreshOptions = {},
): Promise<TokenPair> {
  const { accessToken, scope } = checkOptions('refreshTokenPair', options, refreshOptionNames);
  const presented = open(tokens, refreshToken);
  await matchAccessToken(tokens, presented, accessToken);
  const now = readClock(tokens.clock);
  const refresh: Refresh = {
    tokens,
    presented,
    key: tokens.refreshKeys.active,
    now,
    attempt: newAttempt(),
    scope,
    derive: deriveFrom(presented),
  };

  // What the record says, or a hook, can refuse the token or fail. That must come before the swap, so that nothing is spent. A
  // token that another key sealed may be another issuer's, so nothing may be written for it unseen. In all other cases one
  // round trip does.
  const { claims, reuseInterval } = tokens;
  const isOwn = presented.keyId === refresh.key.id;
  const looksFirst = claims !== undefined || scope !== undefined || reuseInterval === 0 || !isOwn;
  return looksFirst ? lookSignAct(refresh) : swapAndSign(refresh);
}

function open(tokens: IssuingContext, refreshToken: unknown): PresentedRefreshToken {
  if (refreshToken === undefined || refreshToken === null || refreshToken === '') {
    throw new MissingRefreshTokenError(tokens.space);
  }
  const presented = openRefreshToken(tokens.refreshKeys, refreshToken);
  if (presented === undefined || presented.generation >= lastGeneration) throw invalid(tokens);
  return presented;
}

// A swap that lost and the replay that follows need the same token: it is derived once.
function deriveFrom(presented: PresentedRefreshToken): Refresh['derive'] {
  let last: { readonly key: RefreshKey; readonly derived: SealedRefreshToken } | undefined;
  return (key, generation) => {
    if (last?.key !== key || last.derived.generation !== generation) {
      last = { key, derived: deriveSuccessor(key, presented, generation) };
    }
    return last.derived;
  };
}

async function lookSignAct(refresh: Refresh): Promise<TokenPair> {
  const { tokens, presented } = refresh;
  const seen = await acceptFor(refresh, await askForSession(tokens, presented.sessionId));
  const signed = await signOrEnd(refresh, seen.session);
  const outcome =
    seen.verdict === 'rotate' ? await rotateSeen(refresh) : await recheckSession(refresh, seen);
  return respond(refresh, outcome, signed);
}

async function rotateSeen(refresh: Refresh): Promise<Outcome> {
  const result = await swap(refresh);
  const session = ownSessionIn(refresh, result);
  return result.outcome === 'swapped' ? toRotated(refresh, session) : catchUp(refresh, session);
}

// Nothing is written for a hold or a replay. But the session may have ended or rotated while the hook was asked: an answer
// after a logout must be no access token, and an answer with a spent refresh token would sign the client out later.
async function recheckSession(refresh: Refresh, seen: Acceptance): Promise<Outcome> {
  const { tokens, presented } = refresh;
  const session = await askForSession(tokens, presented.sessionId);
  if (session === undefined) throw invalid(tokens);
  const { generation, secretHash } = seen.session;
  const isSame = session.generation === generation && session.secretHash === secretHash;
  return isSame ? toOutcome(refresh, seen) : catchUp(refresh, session);
}

/**
 * The token was in order when this call began, and the record has moved on since: that is never theft, however slow the hook
 * was. With a reuse interval of 0 it is, since then every second use is.
 */
async function catchUp(refresh: Refresh, session: OwnSession): Promise<Outcome> {
  const { tokens, presented } = refresh;
  const { generation, secretHash, keyId } = session;
  if (generation === presented.generation && secretHash === presented.secretHash) {
    throw new StoreUnavailableError({ cause: new Error('the store refused a swap that fits') });
  }
  if (tokens.reuseInterval === 0) return toOutcome(refresh, await acceptFor(refresh, session));
  const key = tokens.refreshKeys.byId.get(keyId);
  const steps = generation - presented.generation;
  const isDerivable = steps > 0 && steps <= maxSteps;
  const current = key && isDerivable ? refresh.derive(key, generation) : undefined;
  if (current?.secretHash !== secretHash) throw pending(refresh, session, 1);
  return { how: 'replayed', session, token: current.token };
}

// No session rotates more often while one call waits for a hook.
const maxSteps = 8;

async function swapAndSign(refresh: Refresh): Promise<TokenPair> {
  const outcome = await rotateUnseen(refresh);
  return respond(refresh, outcome, await signOrEnd(refresh, outcome.session));
}

async function rotateUnseen(refresh: Refresh): Promise<Outcome> {
  const { tokens, presented } = refresh;
  let settleTime = 2 * tokens.reuseInterval;
  for (let tries = 0; tries < maxTries; tries++) {
    const result = await swap(refresh, presented.generation > 1 ? settleTime : undefined);
    const session = findOwnSession(refresh, result);
    if (session === undefined) {
      await undoIfWritten(refresh, result);
      throw invalid(tokens);
    }
    if (result.outcome === 'swapped') return toRotated(refresh, session);
    const accepted = await acceptFor(refresh, session);
    if (accepted.verdict !== 'rotate') return toOutcome(refresh, accepted);
    // The settle time of this record is shorter than the issuer's.
    settleTime = settleTimeOf(tokens, session);
  }
  throw new StoreUnavailableError({ cause: new Error('the store refused a swap that fits') });
}

const maxTries = 5;

/**
 * Takes the rotation of a record of another audience back. One issuer name and one refresh key open its token, so only the
 * record, which the swap answers, shows whose it is. Left as it is, the token of its owner would be spent.
 */
async function undoIfWritten(refresh: Refresh, result: RotateResult): Promise<void> {
  const { tokens, presented, key, attempt, derive } = refresh;
  const { sessionId, generation, secretHash, keyId } = presented;
  // Not what the owner wrote with the same token. A command that the client library repeated is a conflict with our own write.
  if (result.outcome === 'absent' || result.session.attempt !== attempt) return;
  const written = derive(key, generation + 1);
  await askStore(tokens, 'rotate', (store) =>
    store.rotate(
      sessionId,
      { generation: written.generation, secretHash: written.secretHash },
      {
        generation,
        secretHash,
        keyId,
        // The settle time had passed, or there is no predecessor: it must not be taken for one that comes a moment later.
        parentGeneration: 0,
        attempt,
        moveAnchor: true,
      },
    ),
  );
}

function swap(
  { tokens, presented, key, attempt, derive }: Refresh,
  olderThan?: Millis,
): Promise<RotateResult> {
  const { sessionId, generation, secretHash } = presented;
  const next = derive(key, generation + 1);
  return askStore(tokens, 'rotate', (store) =>
    store.rotate(
      sessionId,
      { generation, secretHash, ...(olderThan !== undefined && { olderThan }) },
      {
        generation: next.generation,
        secretHash: next.secretHash,
        keyId: next.keyId,
        parentGeneration: generation,
        attempt,
        moveAnchor: true,
      },
    ),
  );
}

/** The session in the store's answer. @throws {@link InvalidRefreshTokenError} (401) there is none. */
function ownSessionIn(refresh: Refresh, result: RotateResult): OwnSession {
  const session = findOwnSession(refresh, result);
  if (session === undefined) throw invalid(refresh.tokens);
  return session;
}

/** The session in the store's answer; absent, ended and foreign look alike. */
function findOwnSession(
  { tokens, presented }: Refresh,
  result: RotateResult,
): OwnSession | undefined {
  return result.outcome === 'absent'
    ? undefined
    : readOwnSession(tokens, presented.sessionId, result.session);
}

function toRotated({ presented, key, derive }: Refresh, session: OwnSession): Outcome {
  const { token } = derive(key, presented.generation + 1);
  return { how: 'rotated', session, token };
}

function toOutcome({ presented }: Refresh, { session, successor }: Acceptance): Outcome {
  return successor === undefined
    ? { how: 'held', session, token: presented.token }
    : { how: 'replayed', session, token: successor.token };
}

function respond(
  { tokens }: Refresh,
  { how, session, token }: Outcome,
  signed: SignedGrant,
): TokenPair {
  const { sessionId, subject, generation } = session;
  tokens.hooks.emit({ type: 'session.refreshed', sessionId, subject, generation, how });
  return toTokenPair(signed, { token, isNew: how !== 'held' }, session, signed.scope);
}
