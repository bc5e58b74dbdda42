// Changes a live session: scope, metadata, lifetimes, audience.

import { StoreUnavailableError } from '../errors/errors.js';
import { frozenCopy } from '../lib/frozen.js';
import { checkOptions } from '../lib/options.js';
import type { Change } from '../store/session-store.js';
import { announceStale, waitForLog } from './announce.js';
import { askForSession, askStore } from './ask-store.js';
import {
  readAudience,
  readIdleLifetime,
  readLifetime,
  readMetadata,
  readScope,
  type LoginGrant,
} from './login-grant.js';
import { requireFittingMetadata } from './metadata-schema.js';
import { isSessionId } from '../store/session-id.js';
import { nextVersion, writeSessionData, type SessionData } from './session-data.js';
import {
  toSessionDetails,
  toSessionInfo,
  type SessionDetails,
  type SessionInfo,
} from './session-details.js';
import { emitAbout } from './session-events.js';
import { readOwnSession, type OwnSession } from './session-owner.js';
import { requireTokenIssuer, type IssuingContext } from './token-issuer.js';
import { requireFittingGrant } from './token-size.js';

/** What {@link updateSession} can change. `absoluteLifetime` counts from the login. */
export type SessionChange<Metadata = unknown> = Partial<
  Pick<
    LoginGrant<Metadata>,
    'scope' | 'metadata' | 'idleLifetime' | 'absoluteLifetime' | 'audience'
  >
>;

const changeNames = ['scope', 'metadata', 'idleLifetime', 'absoluteLifetime', 'audience'];
const maxTries = 5;

/**
 * Changes a session. What is left out stays. The change holds from the next refresh on. With `revocations`, a change of scope or
 * audience is announced: access tokens that were issued before are refused with `claims_stale`, and their clients refresh. Without
 * it they keep what they say.
 *
 * Refreshes at the same time do not disturb it, and it does not disturb them. Of two updates at the same time, the second reads
 * the session again, so a function sees what the first has written.
 *
 * @param tokens - what `createTokenIssuer` returned.
 * @param sessionId - the claim `sid`. Does not check whose session it is: check that before.
 * @param change - the change, or a function that returns it for the session as it is, or `undefined` for no change. It may be
 * called several times.
 * @param options - `request`: what the application says of the request, for events.
 * @returns the session after the change; `undefined` when there is no such session, or the function returned `undefined`.
 * @throws {@link StoreUnavailableError} (503) the store did not answer, or five attempts met other updates: repeat the call.
 * @throws {@link RevocationsUnavailableError} (503) the session is changed, and the revocation log has not taken the announcement
 * within `deadline`: older access tokens may still pass. It is repeated.
 * @throws TypeError `tokens` is something else, or a member of the change is wrong or unknown, or does not fit `metadataSchema`; nothing
 * is changed.
 */
export async function updateSession<Metadata = unknown>(
  tokens: IssuingContext<Metadata>,
  sessionId: string,
  change:
    | SessionChange<NoInfer<Metadata>>
    | ((was: SessionDetails<NoInfer<Metadata>>) => SessionChange<NoInfer<Metadata>> | undefined),
  options: { readonly request?: unknown } = {},
): Promise<SessionInfo<Metadata> | undefined> {
  requireTokenIssuer('updateSession', tokens);
  const { request } = checkOptions('updateSession', options, ['request']);
  if (typeof change !== 'function') readChange(change);
  if (typeof sessionId !== 'string' || !isSessionId(sessionId)) return undefined;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const session = await askForSession(tokens, sessionId);
    if (session === undefined) return undefined;
    const wanted =
      typeof change === 'function'
        ? // A copy: what the function changes in it is not stored.
          // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema has checked what was stored
          change(frozenCopy(toSessionDetails(tokens, session)) as SessionDetails<Metadata>)
        : change;
    if (wanted === undefined) return undefined;
    const checked = readChange(wanted);
    if (checked.metadata !== undefined) {
      await requireFittingMetadata(tokens, readMetadata(checked.metadata));
    }
    const next = toStoreChange(tokens, session, checked);
    const result = await askStore(tokens, 'swap', sessionId, { data: session.dataText }, next);
    if (result.outcome === 'absent') return undefined;
    const updated = readOwnSession(tokens, sessionId, result.session);
    // A client library that sends a command twice gets a conflict with its own write.
    if (updated !== undefined && (result.outcome === 'swapped' || updated.dataText === next.data)) {
      emitAbout({ tokens, request }, updated, {
        type: 'session.updated',
        changed: Object.freeze(Object.keys(checked)),
      });
      const isWrittenInTokens = checked.scope !== undefined || checked.audience !== undefined;
      if (isWrittenInTokens) await waitForLog(tokens, announceStale(tokens, sessionId));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of the issuer has checked what was stored
      return toSessionInfo(updated) as SessionInfo<Metadata>;
    }
  }
  throw new StoreUnavailableError({
    cause: new Error(`the session was changed by other updates during ${maxTries} attempts`),
  });
}

function readChange<Metadata>(change: SessionChange<Metadata>): SessionChange {
  const given = checkOptions('updateSession change', change, changeNames);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function toStoreChange(
  tokens: IssuingContext,
  { data, createdAt, expiresAt, subject }: OwnSession,
  { scope, metadata, idleLifetime, absoluteLifetime, audience }: SessionChange,
): Change & { readonly data: string } {
  const changed: SessionData = {
    ...data,
    ...(scope !== undefined && { scope: readScope(scope) }),
    ...(metadata !== undefined && { metadata: readMetadata(metadata) }),
    ...(audience !== undefined && { audience: readAudience(tokens, audience) }),
    version: nextVersion(data.version),
  };
  requireFittingGrant(subject, changed);
  // The session of an actor can only be shortened.
  const longest = data.act === undefined ? tokens.absoluteLifetime : expiresAt - createdAt;
  return {
    data: writeSessionData(changed),
    ...(idleLifetime !== undefined && { idleLifetime: readIdleLifetime(tokens, idleLifetime) }),
    ...(absoluteLifetime !== undefined && {
      expiresAt: createdAt + readLifetime('absoluteLifetime', absoluteLifetime, longest, 1_000),
    }),
  };
}
