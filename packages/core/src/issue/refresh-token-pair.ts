// The refresh journey: open, sign, rotate, decide. RFC 9700 §4.14

import { readClock } from '../clock.js';
import {
  InvalidRefreshTokenError,
  MissingRefreshTokenError,
  ScopeNotGrantedError,
  StoreUnavailableError,
} from '../errors.js';
import { splitScope } from '../scope.js';
import type { Millis, SessionSnapshot } from '../store/session-store.js';
import { askForSession, askStore, requireOwn } from './ask-store.js';
import { newAttempt } from './attempt.js';
import { matchAccessToken } from './match-access-token.js';
import {
  deriveSuccessor,
  lastGeneration,
  openRefreshToken,
  type PresentedRefreshToken,
  type SealedRefreshToken,
} from './refresh-token.js';
import { decide, type Verdict } from './rotation.js';
import { readSessionData } from './session-data.js';
import { signAccessToken, type SignedAccessToken } from './sign-access-token.js';
import type { IssuingContext } from './token-issuer.js';
import { toTokenPair, type TokenPair } from './token-pair.js';

export interface RefreshOptions {
  /** The access token of the pair, expired or not, as further evidence. */
  readonly accessToken?: string | undefined;
  /** Less scope for the next access token than the session was granted; the session keeps it all. RFC 6749 §6 */
  readonly scope?: string | undefined;
}

/** One call of {@link refreshTokenPair}, as its steps hand it on. */
interface Refresh {
  readonly tokens: IssuingContext;
  readonly presented: PresentedRefreshToken;
  /** Milliseconds, for the access token. */
  readonly now: number;
  readonly attempt: string;
  readonly scope: string | undefined;
}

/** A session that may go on, and the refresh token that it goes on with. */
interface Succession {
  readonly verdict: 'rotate' | 'replay';
  readonly session: SessionSnapshot;
  readonly successor: SealedRefreshToken;
}

interface SignedGrant extends SignedAccessToken {
  readonly scope: string;
}

/**
 * Exchanges a refresh token for the next token pair.
 *
 * Of any number of calls with one token exactly one rotates the session; the others, within the reuse interval, get
 * the identical refresh token. A token that comes later, or is older, ends its session and no other. A call that fails
 * with 503 has spent nothing, unless the store's answer was lost: repeat it with the same token, inside the interval.
 *
 * Checks the tag before the store is asked; generation and secret against the record; both lifetimes by the store's
 * clock; the access token's signature, `iss`, `aud`, `sub` and `sid` when it is sent along, not its times.
 *
 * @param refreshToken - as the client sent it; anything but a string is refused, nothing is thrown back.
 * @throws {@link MissingRefreshTokenError} (401) there is none.
 * @throws {@link InvalidRefreshTokenError} (401) it is forged, unknown, over, revoked or reused, or its subject was
 * denied.
 * @throws {@link TokenPairMismatchError} (401) the access token is not of this session; nothing was spent.
 * @throws {@link ScopeNotGrantedError} (400) more scope was asked for than was granted; nothing was spent.
 * @throws {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503) store or hook failed.
 */
export async function refreshTokenPair(
  tokens: IssuingContext,
  refreshToken: string | null | undefined,
  { accessToken, scope }: RefreshOptions = {},
): Promise<TokenPair> {
  const presented = open(tokens, refreshToken);
  await matchAccessToken(tokens, presented, accessToken);
  const now = readClock(tokens.clock);
  const refresh: Refresh = { tokens, presented, now, attempt: newAttempt(), scope };

  // What may be refused for what the record says is refused before the swap, and what may fail is tried before it,
  // so that however long a hook is down, the token at hand stays good. With neither, one trip to the store does,
  // for the reuse interval then covers what is left.
  const { claims, reuseInterval } = tokens;
  const looksFirst = claims !== undefined || scope !== undefined || reuseInterval === 0;
  const seen = looksFirst ? await lookAhead(refresh) : undefined;
  const signedAhead = seen && (await signOrEnd(refresh, seen.session));
  const succession =
    seen?.verdict === 'replay'
      ? await holdOn(refresh, seen)
      : await swap(refresh, seen?.session.asOf);
  const signed = signedAhead ?? (await signOrEnd(refresh, succession.session));
  return finish(refresh, succession, signed);
}

function open(tokens: IssuingContext, refreshToken: unknown): PresentedRefreshToken {
  if (refreshToken === undefined || refreshToken === null || refreshToken === '') {
    throw new MissingRefreshTokenError(tokens.space);
  }
  const presented = openRefreshToken(tokens.refreshKeys, refreshToken);
  if (presented === undefined || presented.generation >= lastGeneration) {
    throw new InvalidRefreshTokenError(tokens.space);
  }
  return presented;
}

async function lookAhead(refresh: Refresh): Promise<Succession> {
  const { tokens, presented } = refresh;
  return judge(refresh, await askForSession(tokens, presented.sessionId));
}

// Nothing is written for a replay. But the session may have been ended while the hook was asked, and an answer that
// comes after a logout must be no access token.
async function holdOn(refresh: Refresh, seen: Succession): Promise<Succession> {
  const { tokens, presented } = refresh;
  const session = await askForSession(tokens, presented.sessionId);
  if (session === undefined) throw new InvalidRefreshTokenError(tokens.space);
  return seen;
}

/** @param seenAt - when the token was seen to be current, if it was: a slow hook does not make it a late one. */
async function swap(refresh: Refresh, seenAt?: Millis): Promise<Succession> {
  const { tokens, presented, attempt } = refresh;
  const { sessionId, generation, secretHash } = presented;
  const successor = deriveSuccessor(tokens.refreshKeys.active, presented, generation + 1);
  const result = await askStore(tokens, 'rotate', (store) =>
    store.rotate(
      sessionId,
      { generation, secretHash },
      {
        generation: successor.generation,
        secretHash: successor.secretHash,
        keyId: successor.keyId,
        parentGeneration: generation,
        attempt,
        moveAnchor: true,
      },
    ),
  );
  if (result.outcome === 'swapped') {
    requireOwn(sessionId, result.session);
    return { verdict: 'rotate', session: result.session, successor };
  }
  const succession = await judge(
    refresh,
    result.outcome === 'conflict' ? result.session : undefined,
    seenAt,
  );
  if (succession.verdict === 'rotate') {
    throw new StoreUnavailableError({ cause: new Error('the store refused a swap that fits') });
  }
  return succession;
}

/** Holds the presented token against the record: goes on, or refuses with whatever the verdict entails. */
async function judge(
  refresh: Refresh,
  session: SessionSnapshot | undefined,
  seenAt?: Millis,
): Promise<Succession> {
  const { tokens, presented, attempt } = refresh;
  // Absent and revoked look alike, from outside and in here.
  if (session === undefined) throw new InvalidRefreshTokenError(tokens.space);
  requireOwn(presented.sessionId, session);
  const { active, byId } = tokens.refreshKeys;
  // The key of the successor that exists; a change of keys in between must not change the answer.
  const key = byId.get(session.keyId);
  const derived = key && deriveSuccessor(key, presented, session.generation);
  const verdict = decide(
    { ...presented, attempt, derivedHash: derived?.secretHash },
    { ...session, asOf: seenAt ?? session.asOf },
    tokens,
  );
  if (verdict === 'rotate') {
    const successor = deriveSuccessor(active, presented, presented.generation + 1);
    return { verdict, session, successor };
  }
  if (verdict === 'replay' && derived !== undefined) {
    return { verdict, session, successor: derived };
  }
  await actOn(refresh, verdict, session);
  throw new InvalidRefreshTokenError(tokens.space, { isFinal: verdict === 'reused' });
}

async function actOn(
  { tokens, presented }: Refresh,
  verdict: Verdict,
  { sessionId, subject, generation }: SessionSnapshot,
): Promise<void> {
  const about = {
    sessionId,
    subject,
    presentedGeneration: presented.generation,
    storedGeneration: generation,
  };
  if (verdict === 'forged') tokens.hooks.emit({ type: 'refresh.forged_with_valid_tag', ...about });
  if (verdict === 'rolled back') tokens.hooks.emit({ type: 'session.rolled_back', ...about });
  // Of many who replay it one ends the session, and that one tells.
  if (verdict === 'reused' && (await end(tokens, sessionId))) {
    tokens.hooks.emit({ type: 'refresh.reused', ...about });
    tokens.hooks.emit({ type: 'session.revoked', sessionId, subject, reason: 'reuse' });
  }
}

/** Signs the access token for a session, or ends the session when the `claims` hook denies its subject. */
async function signOrEnd(
  { tokens, now, scope }: Refresh,
  { sessionId, subject, data, createdAt, expiresAt, asOf }: SessionSnapshot,
): Promise<SignedGrant> {
  const granted = readSessionData(data);
  const narrowed = scope === undefined ? granted.scope : narrow(granted.scope, scope);
  const signed = await signAccessToken(tokens, {
    subject,
    session: {
      sessionId,
      scope: narrowed,
      metadata: granted.metadata,
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
  throw new InvalidRefreshTokenError(tokens.space);
}

function narrow(granted: string, asked: unknown): string {
  const has = new Set(splitScope(granted));
  const scopes = typeof asked === 'string' ? splitScope(asked) : undefined;
  if (!scopes?.every((scope) => has.has(scope))) throw new ScopeNotGrantedError();
  return scopes.join(' ');
}

function end(tokens: IssuingContext, sessionId: string): Promise<boolean> {
  return askStore(tokens, 'revoke', (store) => store.revoke(sessionId));
}

function finish(
  { tokens }: Refresh,
  { verdict, session, successor }: Succession,
  signed: SignedGrant,
): TokenPair {
  const { sessionId, subject } = session;
  tokens.hooks.emit({
    type: 'session.refreshed',
    sessionId,
    subject,
    generation: successor.generation,
    replayed: verdict === 'replay',
    recovered: false,
  });
  return toTokenPair(signed, successor, session, signed.scope);
}
