// Refreshes a token pair. RFC 6749 §6, RFC 9700 §4.14

import { MissingRefreshTokenError, StoreUnavailableError } from '../errors/errors.js';
import { readClock } from '../hooks/clock.js';
import { checkOptions } from '../lib/options.js';
import type { Millis, RotateResult } from '../store/session-store.js';
import { askForSession, askStore, newAttempt } from './ask-store.js';
import {
  decideFor,
  invalidRefreshToken,
  matchAccessToken,
  refreshPending,
  signOrRevoke,
  successorIn,
  type Acceptance,
  type Refresh,
} from './refresh-steps.js';
import {
  deriveSuccessor,
  lastGeneration,
  openRefreshToken,
  type PresentedRefreshToken,
  type SealedRefreshToken,
} from './refresh-token.js';
import { settleTimeOf } from './rotation.js';
import { readOwnSession, type OwnSession } from './session-record.js';
import type { SignedAccessToken } from './sign-access-token.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';
import { toTokenPair, type TokenPair } from './token-pair.js';

/** Options of {@link refreshTokenPair}. */
export interface RefreshOptions {
  /** The access token of the pair as further evidence, expired or not. */
  readonly accessToken?: string | undefined;
  /**
   * Scope of the next access token, space-delimited: at most what was granted at login. The session keeps all of its scope.
   * RFC 6749 §6 @defaultValue the scope of the session
   */
  readonly scope?: string | undefined;
}

/**
 * Exchanges a refresh token for the next token pair.
 *
 * A session rotates at most once per settle time, which is twice `reuseInterval`. A refresh before that returns a new
 * access token and the presented refresh token (`refreshTokenChanged` is false). Of any number of calls with one token,
 * exactly one rotates; the others get the identical refresh token, within the reuse interval. A spent token that comes
 * after the settle time, or is older than the predecessor, revokes its session and no other. A token that was current when
 * a call began is never treated as reused by that call, however slow a hook is. A call that fails with 503 has spent
 * nothing, unless the store's answer was lost: repeat it with the same token, within the reuse interval.
 *
 * Checks the tag before the store is asked; generation and secret against the record; both lifetimes by the store's
 * clock; the access token's signature, `iss`, `aud`, `sub` and `sid` when it is sent along, not its times. An access token
 * whose `kid` is not among the keys counts as absent.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param refreshToken - as the client sent it. Anything but a string is refused.
 * @throws {@link MissingRefreshTokenError} (401) `refreshToken` is undefined, null or empty.
 * @throws {@link InvalidRefreshTokenError} (401) it is forged, unknown, expired, revoked or reused, or `claims` denied its subject.
 * @throws {@link RefreshPendingError} (503) it was spent a moment ago; nothing happened. Repeat after `Retry-After`.
 * @throws {@link TokenPairMismatchError} (401) the access token is not of this session; nothing was spent.
 * @throws {@link ScopeNotGrantedError} (400) more scope was asked for than was granted; nothing was spent.
 * @throws {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503) store or hook failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook answered more than fits into an access token; nothing was spent.
 * @throws TypeError `tokens` is something else, or `options` has an unknown member, like `access_token`; nothing was spent.
 */
export async function refreshTokenPair(
  tokens: IssuingContext,
  refreshToken: string | null | undefined,
  options: RefreshOptions = {},
): Promise<TokenPair> {
  requireTokenIssuer('refreshTokenPair', tokens);
  const names = ['accessToken', 'scope'];
  const { accessToken, scope } = checkOptions('refreshTokenPair', options, names);
  const presented = open(tokens, refreshToken);
  await matchAccessToken(tokens, presented, accessToken);
  const now = readClock(tokens.clock);
  const next = deriveSuccessor(tokens.refreshKeys.active, presented, presented.generation + 1);
  const refresh: Refresh = { tokens, presented, next, now, attempt: newAttempt(), scope };

  // The scope, a hook and, with a reuse interval of 0, the record can refuse the token or fail. That must happen before the
  // swap, so that nothing is spent. A token under another key may be another issuer's, so its record must be read before
  // anything is written. All other refreshes take one round trip.
  const { claims, reuseInterval } = tokens;
  const isUnderKey = presented.keyId === next.keyId;
  const readsFirst = claims !== undefined || scope !== undefined || reuseInterval === 0;
  return readsFirst || !isUnderKey ? readSignRotate(refresh) : rotateAndSign(refresh);
}

function open(tokens: IssuingContext, refreshToken: unknown): PresentedRefreshToken {
  if (refreshToken === undefined || refreshToken === null || refreshToken === '') {
    throw new MissingRefreshTokenError(tokens.space);
  }
  const presented = openRefreshToken(tokens.refreshKeys, refreshToken);
  if (presented && presented.generation < lastGeneration) return presented;
  throw invalidRefreshToken(tokens);
}

async function readSignRotate(refresh: Refresh): Promise<TokenPair> {
  const { tokens, presented } = refresh;
  const read = await decideFor(refresh, await askForSession(tokens, presented.sessionId));
  const signed = await signOrRevoke(refresh, read.session);
  const accepted =
    read.how === 'rotated' ? await rotateRead(refresh) : await recheckSession(refresh, read);
  return respond(refresh, accepted, signed);
}

async function rotateRead(refresh: Refresh): Promise<Acceptance> {
  const { tokens, presented, next } = refresh;
  const { result, session } = await swap(refresh, presented, next);
  if (session === undefined) throw invalidRefreshToken(tokens);
  if (result.outcome === 'conflict') return catchUp(refresh, session);
  return { how: 'rotated', session, token: next.token };
}

// Nothing is written for a hold or a replay. But the session may have ended or rotated while the hook was asked. After a
// logout there must be no access token, and a refresh token that was spent meanwhile would sign the client out later.
async function recheckSession(refresh: Refresh, read: Acceptance): Promise<Acceptance> {
  const { tokens, presented } = refresh;
  const session = await askForSession(tokens, presented.sessionId);
  if (session === undefined) throw invalidRefreshToken(tokens);
  const { generation, secretHash } = read.session;
  const isSame = session.generation === generation && session.secretHash === secretHash;
  return isSame ? read : catchUp(refresh, session);
}

/**
 * Finds the current token of a session that another call has rotated since this call began. The presented token was current
 * or just replaced then, so this is never reuse, however slow the hook was. Only with a reuse interval of 0, any second use is.
 */
async function catchUp(refresh: Refresh, session: OwnSession): Promise<Acceptance> {
  const { tokens, presented } = refresh;
  const { generation, secretHash } = session;
  const isPresented = generation === presented.generation && secretHash === presented.secretHash;
  if (isPresented) throw refusedSwap();
  if (tokens.reuseInterval === 0) return decideFor(refresh, session);
  const steps = generation - presented.generation;
  const isDerivable = steps > 0 && steps <= maxSteps;
  const current = isDerivable ? successorIn(refresh, session) : undefined;
  if (current?.secretHash !== secretHash) throw refreshPending(refresh, session, 1);
  return { how: 'replayed', session, token: current.token };
}

// No session rotates more often than this while one call waits for a hook.
const maxSteps = 8;

async function rotateAndSign(refresh: Refresh): Promise<TokenPair> {
  const accepted = await rotateUnread(refresh);
  return respond(refresh, accepted, await signOrRevoke(refresh, accepted.session));
}

async function rotateUnread(refresh: Refresh): Promise<Acceptance> {
  const { tokens, presented, next } = refresh;
  let settleTime = 2 * tokens.reuseInterval;
  for (let tries = 0; tries < maxTries; tries++) {
    const olderThan = presented.generation > 1 ? settleTime : undefined;
    const { result, session } = await swap(refresh, presented, next, { olderThan });
    if (session === undefined) {
      await undoIfWritten(refresh, result);
      throw invalidRefreshToken(tokens);
    }
    if (result.outcome === 'swapped') return { how: 'rotated', session, token: next.token };
    const accepted = await decideFor(refresh, session);
    if (accepted.how !== 'rotated') return accepted;
    // The settle time of this record is shorter than the issuer's.
    settleTime = settleTimeOf(tokens, session);
  }
  throw refusedSwap();
}

const maxTries = 5;

/**
 * Takes back the rotation of a record of another audience. One issuer name and one refresh key open its token, so only the
 * record, which the swap returns, shows whose it is. Otherwise the token of its owner would be spent.
 */
async function undoIfWritten(refresh: Refresh, result: RotateResult): Promise<void> {
  const { presented, attempt, next } = refresh;
  // Only what this call wrote, never what the owner wrote with the same token. When the client library repeats the command, the
  // answer is a conflict with the own write.
  if (result.outcome === 'absent' || result.session.attempt !== attempt) return;
  // The settle time had passed, or there is no predecessor: an old predecessor must not be replayed afterwards.
  await swap(refresh, next, presented, { parentGeneration: 0 });
}

function refusedSwap(): StoreUnavailableError {
  const cause = new Error(
    'the store refused a rotation whose expected generation is the current one',
  );
  return new StoreUnavailableError({ cause });
}

/** Replaces one token by another in the record. No session: it is absent, has ended or is of another issuer. */
async function swap(
  { tokens, attempt }: Refresh,
  { sessionId, generation, secretHash }: SealedRefreshToken,
  by: SealedRefreshToken,
  change: { readonly olderThan?: Millis | undefined; readonly parentGeneration?: number } = {},
): Promise<{ readonly result: RotateResult; readonly session: OwnSession | undefined }> {
  const { olderThan, parentGeneration = generation } = change;
  const result = await askStore(
    tokens,
    'rotate',
    sessionId,
    { generation, secretHash, ...(olderThan !== undefined && { olderThan }) },
    {
      generation: by.generation,
      secretHash: by.secretHash,
      keyId: by.keyId,
      parentGeneration,
      attempt,
      moveAnchor: true,
    },
  );
  if (result.outcome === 'absent') return { result, session: undefined };
  return { result, session: readOwnSession(tokens, sessionId, result.session) };
}

function respond(
  { tokens }: Refresh,
  { how, session, token }: Acceptance,
  signed: SignedAccessToken,
): TokenPair {
  const { sessionId, subject, generation } = session;
  tokens.hooks.emit({ type: 'session.refreshed', sessionId, subject, generation, how });
  return toTokenPair(signed, { token, isNew: how !== 'held' }, session);
}
