// Refreshes a token pair. RFC 6749 §6, RFC 9700 §4.14

import { readClock } from '../hooks/clock.js';
import { MissingRefreshTokenError, StoreUnavailableError } from '../errors/errors.js';
import { checkOptions, requireBoolean, requireText } from '../lib/options.js';
import { act, rotateUnread, sessionToSign } from './act-on-refresh.js';
import { askForSession, newAttempt } from './ask-store.js';
import { endIfRevoked } from './ended-session.js';
import {
  judge,
  refused,
  refusedAsAbsent,
  settleTimeOf,
  type Acceptance,
  type ExpectedClient,
  type Refresh,
} from './judge-refresh.js';
import { hintAtValue } from './hint-at-value.js';
import { matchAccessToken } from './match-access-token.js';
import { findGenuine } from './presented-session.js';
import {
  deriveSuccessor,
  lastGeneration,
  openRefreshToken,
  type PresentedRefreshToken,
} from './refresh-token.js';
import { emitAbout, emitRefusal } from './session-events.js';
import type { SignedAccessToken } from './sign-access-token.js';
import { signOrRevoke } from './sign-for-session.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';
import { toTokenPair, type TokenPair } from './token-pair.js';
import { takePosition } from './token-position.js';

/** Options of {@link refreshTokenPair}. */
export interface RefreshOptions {
  /** The access token of the pair as further evidence, expired or not. */
  readonly accessToken?: string | undefined;
  /**
   * Scope of the next access token, space-delimited: at most what was granted at login. The session keeps all of its scope.
   * RFC 6749 §6 @defaultValue the scope of the session
   */
  readonly scope?: string | undefined;
  /** The authenticated OAuth client. A session of another client, or of none, is refused. @defaultValue not compared */
  readonly clientId?: string | undefined;
  /**
   * Set it in server code that refreshes for a browser and uses the new access token before the browser has stored the
   * cookie. The access token then names the presented generation, because only that one was stored. @defaultValue `false`
   */
  readonly relay?: boolean | undefined;
  /** What the application says of the request, for the `claims` hook and for events. @defaultValue nothing */
  readonly request?: unknown;
}

const refreshOptionNames = ['accessToken', 'scope', 'clientId', 'relay', 'request'];

/**
 * Exchanges a refresh token for the next token pair.
 *
 * A session rotates at most once per settle time, which is twice `reuseInterval`. A refresh before that returns a new
 * access token and the presented refresh token (`refreshTokenChanged` is false). Of any number of calls with one token,
 * exactly one rotates; the others get the identical refresh token, within the reuse interval.
 *
 * A predecessor that comes after the settle time gets another successor while `recovery` allows it: an access token of the
 * session was seen in use, and none of a successor. Otherwise it is treated as reused, like every older token: its session
 * ends, and no other. If the store has lost the last rotation, the presented token is written again.
 *
 * A token that was in order when a call began is never treated as reused by that call, however slow a hook is. A call that
 * fails with 503 has spent nothing, unless the store's answer was lost: repeat it with the same token.
 *
 * Checks the tag before the store is asked; generation and secret against the record; both lifetimes by the store's
 * clock; the access token's signature, `iss`, `aud`, `sub` and `sid` when it is sent along, not its times. An access token
 * whose `kid` is not among the keys counts as absent.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param refreshToken - as the client sent it. Anything but a string is refused.
 * @throws {@link MissingRefreshTokenError} (401) `refreshToken` is undefined, null or empty.
 * @throws {@link InvalidRefreshTokenError} (401) it is forged, unknown, expired, revoked or reused, of another client than
 * `clientId`, or the `claims` hook denied its subject.
 * @throws {@link RefreshPendingError} (503) it cannot be decided yet; nothing happened. Repeat after `Retry-After`.
 * @throws {@link TokenPairMismatchError} (401) the access token is not of this session; nothing was spent.
 * @throws {@link ScopeNotGrantedError} (400) more scope was asked for than was granted; nothing was spent.
 * @throws {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503) store or hook failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook answered more than fits into an access token; nothing was spent.
 * @throws TypeError `tokens` is something else, or `options` has an unknown member, `access_token` for example; nothing was
 * spent.
 */
export async function refreshTokenPair(
  tokens: IssuingContext,
  refreshToken: string | null | undefined,
  options: RefreshOptions = {},
): Promise<TokenPair> {
  requireTokenIssuer('refreshTokenPair', tokens);
  const { clientId, ...checked } = checkOptions('refreshTokenPair', options, refreshOptionNames);
  if (clientId !== undefined) requireText('clientId', clientId);
  if (checked.relay !== undefined) requireBoolean('relay', checked.relay);
  const client = clientId === undefined ? undefined : { clientId };
  return refreshFor(tokens, refreshToken, client, checked);
}

/**
 * Refreshes for a client whose authentication is known.
 *
 * @param client - `undefined`: not compared. `{ clientId: undefined }`: sessions with a client are refused.
 * @param hint - for the event when there is no refresh token.
 * @param maxLength - maximum characters of the access token, if it must be shorter than verifiers accept.
 */
export async function refreshFor(
  tokens: IssuingContext,
  refreshToken: string | null | undefined,
  client: ExpectedClient | undefined,
  {
    accessToken,
    scope,
    relay = false,
    request,
    hint,
    maxLength,
  }: Omit<RefreshOptions, 'clientId'> & {
    readonly hint?: string | undefined;
    readonly maxLength?: number | undefined;
  },
): Promise<TokenPair> {
  const presented = open({ tokens, request, hint }, refreshToken);
  // The token says whether its session has a client. Which one, the record says.
  if (client !== undefined && presented.sealed) {
    const { clientId, orNone = false } = client;
    const isPossible = presented.hasClient
      ? clientId !== undefined
      : orNone || clientId === undefined;
    if (!isPossible)
      throw refused({ tokens, request }, 'client', { sessionId: presented.sessionId });
  }
  await matchAccessToken({ tokens, request }, presented, accessToken);
  const now = readClock(tokens.clock);
  const { claims, reuseInterval, refreshKeys } = tokens;
  const rev = await takePosition(tokens, claims !== undefined);
  const attempt = reuseInterval === 0 ? newAttempt() : undefined;
  const key = refreshKeys.active;
  const next = deriveSuccessor(key, presented, presented.generation + 1);
  const call = { attempt, scope, client, relay, maxLength, request };
  const refresh: Refresh = { tokens, presented, key, next, rev, now, ...call };

  // A hook, a scope, a client or, with a reuse interval of 0, the record can refuse the token or fail. That must happen before
  // the swap, so that nothing is spent. A token whose tag could not be checked may be another issuer's. All other refreshes
  // take one round trip.
  const hasClientToCompare = client !== undefined && presented.hasClient;
  const looksFirst =
    claims !== undefined ||
    scope !== undefined ||
    hasClientToCompare ||
    reuseInterval === 0 ||
    !presented.sealed;
  return looksFirst ? lookSignAct(refresh) : rotateAndSign(refresh);
}

function open(
  call: Pick<Refresh, 'tokens' | 'request'> & { readonly hint: string | undefined },
  refreshToken: unknown,
): PresentedRefreshToken {
  const { tokens } = call;
  if (refreshToken === undefined || refreshToken === null || refreshToken === '') {
    const refusal = { reason: 'missing', code: 'refresh_token_missing' } as const;
    emitRefusal(call, undefined, refusal);
    throw new MissingRefreshTokenError(tokens.space);
  }
  const presented = openRefreshToken(tokens.refreshKeys, refreshToken);
  if (presented === undefined || presented.generation >= lastGeneration) {
    throw refused({ ...call, hint: hintAtValue(refreshToken) }, 'garbled');
  }
  return presented;
}

async function lookSignAct(refresh: Refresh): Promise<TokenPair> {
  const { tokens, presented } = refresh;
  const session = await askForSession(tokens, presented.sessionId);
  const genuine = session && findGenuine(presented, session);
  // A token that is not genuine is judged as it came, so that its refusal is reported.
  const checked = genuine === undefined || presented.sealed ? refresh : withToken(refresh, genuine);
  return signAct(checked, await judge(checked, session));
}

function withToken(refresh: Refresh, presented: PresentedRefreshToken): Refresh {
  const next = deriveSuccessor(refresh.key, presented, presented.generation + 1);
  return { ...refresh, presented, next };
}

const maxTries = 5;

/** Signs and then writes, so that a failure of a hook has spent nothing. After a conflict it judges again. */
export async function signAct(refresh: Refresh, first: Acceptance): Promise<TokenPair> {
  let accepted = first;
  let signed = await sign(refresh, accepted);
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { isDone, session } = await act(refresh, accepted);
    if (isDone) return respond(refresh, { ...accepted, session }, signed);
    const before = accepted;
    accepted = await judge(refresh, session, first.session);
    if (!isSameToSign(before, accepted)) signed = await sign(refresh, accepted);
  }
  throw refusedSwap();
}

// A hook is not asked again for what it has answered already.
function isSameToSign(one: Acceptance, other: Acceptance): boolean {
  return (
    one.token.generation === other.token.generation &&
    one.session.dataText === other.session.dataText
  );
}

async function rotateAndSign(refresh: Refresh): Promise<TokenPair> {
  const { tokens, presented } = refresh;
  let settleTime = 2 * tokens.reuseInterval;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const answer = await rotateUnread(refresh, presented.generation > 1 ? settleTime : undefined);
    if (answer === undefined) throw refusedAsAbsent(refresh);
    const { isDone, session } = answer;
    if (isDone) {
      if (await endIfRevoked(refresh, session)) throw refusedAsAbsent(refresh);
      return signDone(refresh, { verdict: 'rotate', session, token: refresh.next });
    }
    const accepted = await judge(refresh, session);
    const { verdict } = accepted;
    if (verdict === 'hold' || verdict === 'replay') return signDone(refresh, accepted);
    if (verdict !== 'rotate') return signAct(refresh, accepted);
    // The settle time of this record is shorter than the issuer's.
    settleTime = settleTimeOf(tokens, session);
  }
  throw refusedSwap();
}

async function signDone(refresh: Refresh, accepted: Acceptance): Promise<TokenPair> {
  return respond(refresh, accepted, await sign(refresh, accepted));
}

function sign(refresh: Refresh, accepted: Acceptance): Promise<SignedAccessToken> {
  const generation = refresh.relay ? refresh.presented.generation : accepted.token.generation;
  return signOrRevoke(refresh, sessionToSign(accepted), generation);
}

function refusedSwap(): StoreUnavailableError {
  const cause = new Error(
    'the store refused a swap whose expectation is the record that it returned',
  );
  return new StoreUnavailableError({ cause });
}

const outcomes = {
  rotate: 'rotated',
  hold: 'held',
  replay: 'replayed',
  recover: 'recovered',
  redo: 'redone',
} as const;

function respond(
  refresh: Refresh,
  { verdict, session, token }: Acceptance,
  signed: SignedAccessToken,
): TokenPair {
  const { presented, isAdoption = false } = refresh;
  emitAbout(refresh, session, {
    type: 'session.refreshed',
    generation: token.generation,
    presentedGeneration: presented.generation,
    how: outcomes[verdict],
  });
  const isNew = token.token !== presented.token;
  return toTokenPair(
    signed,
    { token: token.token, isNew: isNew || isAdoption },
    session,
    session.data.persistent,
  );
}
