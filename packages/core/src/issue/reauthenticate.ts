// Step-up: notes that the user of a session proved again who they are, and issues a pair that says so. RFC 9470

import { readClock } from '../hooks/clock.js';
import { AccessDeniedError, StoreUnavailableError } from '../errors/errors.js';
import { checkOptions } from '../lib/options.js';
import { askStore } from './ask-store.js';
import { announceEnds } from './announce.js';
import { endIfRevoked } from './ended-session.js';
import { invalidRefreshToken } from './judge-refresh.js';
import { revokeInStore } from './revoke-in-store.js';
import { readAuthentication } from './login-grant.js';
import { findSession, type FoundSession, type SessionReference } from './presented-session.js';
import { mintSuccessor } from './refresh-token.js';
import { nextVersion, writeSessionData, type Authentication } from './session-data.js';
import { toClaimsContext } from './session-details.js';
import { emitAbout } from './session-events.js';
import { readOwnSession } from './session-owner.js';
import { writeState } from './session-state.js';
import { signAccessToken } from './sign-access-token.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';
import { toTokenPair, type TokenPair } from './token-pair.js';
import { takePosition } from './token-position.js';
import { requireFittingGrant } from './token-size.js';

const maxTries = 5;

/**
 * Issues a new pair after a step-up: the user of a live session has proved again who they are.
 *
 * Checks no proof: call it when the user's identity is proved. The new refresh token is random, so that no copy of an older
 * token ever gets the new level. The former tokens of the session are spent; a copy that is used after the settle time ends the
 * session. `auth_time`, `acr` and `amr` of the access tokens are those of the step-up, and no refresh renews them.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param session - a refresh token of the session, or its ID. Does not check whose session it is: check that before.
 * @param authentication - how and when the user proved it. @defaultValue `{}`: now
 * @param options - `request`: what the application says of the request, for the `claims` hook and for events.
 * @throws {@link InvalidRefreshTokenError} (401) there is no such session, or the token is forged.
 * @throws {@link MissingRefreshTokenError} (401) neither a refresh token nor a session ID was given.
 * @throws {@link AccessDeniedError} (403) the `claims` hook returned `false`; the session has ended.
 * @throws {@link StoreUnavailableError}, {@link TemporarilyUnavailableError} (503) store or hook failed.
 * @throws {@link TokenTooLargeError} (500) the `claims` hook returned more than fits into an access token.
 * @throws TypeError an argument does not fit its type, has an unknown member or is too large for an access token; nothing is
 * changed.
 * @see RFC 9470 §4
 */
export async function reauthenticated(
  tokens: IssuingContext,
  session: SessionReference,
  authentication: Authentication = {},
  options: { readonly request?: unknown } = {},
): Promise<TokenPair> {
  requireTokenIssuer('reauthenticated', tokens);
  const { request } = checkOptions('reauthenticated', options, ['request']);
  return reauthenticateFor(tokens, session, authentication, { request });
}

/**
 * Does what {@link reauthenticated} does.
 *
 * @param limits - `maxLength`: maximum characters of the access token, if it must be shorter than verifiers accept.
 */
export async function reauthenticateFor(
  tokens: IssuingContext,
  session: SessionReference,
  authentication: Authentication,
  { request, maxLength }: { readonly request: unknown; readonly maxLength?: number | undefined },
): Promise<TokenPair> {
  const now = readClock(tokens.clock);
  const step = readAuthentication(authentication, now);
  const rev = await takePosition(tokens, tokens.claims !== undefined);
  const found = await findSession('reauthenticated', tokens, session);
  if (found === undefined || !isCurrentOrPredecessor(found)) throw invalidRefreshToken(tokens);
  const { presented } = found;
  const call = { tokens, request };
  if (await endIfRevoked(call, found.session)) throw invalidRefreshToken(tokens);
  let was = found.session;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const { sessionId, subject, generation, secretHash, state, dataText } = was;
    const data = { ...was.data, step, version: nextVersion(was.data.version) };
    requireFittingGrant(subject, data);
    const key = tokens.refreshKeys.active;
    const hasClient = data.clientId !== undefined;
    const next = mintSuccessor(key, { sessionId, hasClient }, presented, generation + 1);
    const signed = await signAccessToken(tokens, {
      subject,
      session: toClaimsContext(tokens, { ...was, data }, 'reauthenticate', request),
      data,
      generation: next.generation,
      rev,
      now,
      sessionLeft: was.expiresAt - was.asOf,
      maxLength,
    });
    if (signed === undefined) {
      const isEnded = await revokeInStore(tokens, sessionId);
      void announceEnds(tokens, [sessionId]);
      if (isEnded) {
        emitAbout(call, was, { type: 'session.revoked', reason: 'denied' });
      }
      throw new AccessDeniedError();
    }
    // The client may still hold a token whose successor it never got.
    const predecessors = [{ generation, secretHash }, ...state.predecessors];
    const half = writeState({ keyId: next.keyId, predecessors, isUnderivable: true });
    const result = await askStore(
      tokens,
      'swap',
      sessionId,
      { generation, secretHash, data: dataText },
      {
        token: { generation: next.generation, secretHash: next.secretHash, state: half },
        data: writeSessionData(data),
      },
    );
    if (result.outcome === 'absent') throw invalidRefreshToken(tokens);
    const after = readOwnSession(tokens, sessionId, result.session);
    if (after === undefined) throw invalidRefreshToken(tokens);
    // A client library that sends a command twice gets a conflict with its own write.
    if (result.outcome === 'swapped' || after.secretHash === next.secretHash) {
      emitAbout(call, after, {
        type: 'session.reauthenticated',
        changed: Object.freeze(Object.keys(step)),
      });
      return toTokenPair(signed, { token: next.token, isNew: true }, after, data.persistent);
    }
    was = after;
  }
  throw new StoreUnavailableError({
    cause: new Error(`the session was changed by other calls during ${maxTries} attempts`),
  });
}

// An older token shows that somebody had it once. The pair goes to who has the session now.
function isCurrentOrPredecessor({ presented, session }: FoundSession): boolean {
  if (presented === undefined) return true;
  const known = [session, ...session.state.predecessors];
  return known.some(({ secretHash }) => secretHash === presented.secretHash);
}
