// On the login, refresh and logout journeys: the checked options of the verbs beside this file.

import { createAccessTokenReader, type AccessTokenReader } from '../jwt/access-token.js';
import {
  toProtectionSpace,
  type ProtectionSpace,
  type ProtectionSpaceOptions,
} from '../errors/challenge.js';
import { nowOrSystem, systemClock, type Clock } from '../hooks/clock.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { createEmit, type EventListener } from '../hooks/events.js';
import { defaultDeadline, type HookContext } from '../hooks/hooks.js';
import { createReplaceableKeys, type ReplaceableKeys } from '../keys/replaceable-keys.js';
import {
  importSigningKeys,
  type SigningKeyOptions,
  type SigningKeySet,
  type VerificationKeyOptions,
} from '../keys/keys.js';
import {
  isObject,
  refuseOption,
  requireAudience,
  requireBoolean,
  requireCount,
  requireFunction,
  requireOneOf,
  requireText,
} from '../lib/options.js';
import type { SessionLimit, SessionStore } from '../store/session-store.js';
import {
  createRefreshKeyRing,
  importRefreshKeys,
  type RefreshKeyOptions,
  type RefreshKeyRing,
} from './refresh-keys.js';
import { toSessionOwnership, type SessionOwnership } from './session-owner.js';
import { requireRoomForGrants } from './token-size.js';

/** What the `claims` hook learns of the session: a copy for each call, frozen with everything in it. */
export interface ClaimsContext {
  readonly sessionId: string;
  /** The scope that this access token will carry. */
  readonly scope: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** When the session began, in milliseconds by the store's clock; `undefined` at issue, when it is about to. */
  readonly createdAt: number | undefined;
  /** Whether somebody signs in or a session is refreshed. */
  readonly reason: 'issue' | 'refresh';
}

/**
 * Answers the claims that an access token carries beside the registered ones, or `false` to deny: then a login gets
 * {@link AccessDeniedError}, and a refresh ends the session. Asked at issue and at every refresh, so a change of role
 * or a ban arrives with the next access token; old claims are never copied.
 *
 * When it throws, is slow or answers anything else, the client gets 503 and nothing has been spent. When it answers more
 * claims than fit into an access token of 8 192 characters, repeating does not help: {@link TokenTooLargeError} (500), and
 * nothing has been spent either.
 */
export type ClaimsHook = (
  subject: string,
  session: ClaimsContext,
) => ClaimsAnswer | Promise<ClaimsAnswer>;

export type ClaimsAnswer = Readonly<Record<string, unknown>> | false;

/** What {@link createTokenIssuer} takes for issuing; {@link VerificationOptions} go to its own verifier. */
export interface IssuingOptions extends ProtectionSpaceOptions {
  /** Written as `iss`. With `audience` and the signature it must leave room for 4 096 bytes of subject and scope. */
  readonly issuer: string;
  /** Written as `aud`: at most 200 names. */
  readonly audience: string | readonly string[];
  /** The first key signs, the rest still verify; or as their `state` says. */
  readonly keys: readonly [SigningKeyOptions, ...(VerificationKeyOptions | SigningKeyOptions)[]];
  /** The first key seals refresh tokens, the rest still open them; or as their `state` says. */
  readonly refreshKeys: readonly [RefreshKeyOptions, ...RefreshKeyOptions[]];
  readonly store: SessionStore;
  readonly claims?: ClaimsHook | undefined;
  /** How long an access token is valid. @defaultValue `'5m'` (300 seconds) @see RFC 7519 §4.1.4 */
  readonly accessTokenLifetime?: Duration | undefined;
  /** A session that is not refreshed for so long is over. @defaultValue `'30d'` (30 days) */
  readonly idleLifetime?: Duration | undefined;
  /** A session is over so long after login, however often it is refreshed. @defaultValue `'90d'` (90 days) */
  readonly absoluteLifetime?: Duration | undefined;
  /**
   * How long the predecessor of a refresh token gets the same successor again: for tabs that refresh together and for
   * answers that were lost. A session rotates at most once in twice this time; a refresh before that answers the same
   * refresh token. 0 to 300 seconds; 0 makes every second use a theft. @defaultValue 30 (seconds)
   */
  readonly reuseInterval?: Duration | undefined;
  /**
   * Whether a refresh must bring the access token too. Then a key that has signed access tokens must stay among `keys`
   * until the sessions that have them are over, the shorter of `idleLifetime` and `absoluteLifetime`: an access token
   * whose key is gone counts as absent, and its session could not be refreshed. `describeKeys` says until when.
   * @defaultValue `false`
   */
  readonly requireAccessToken?: boolean | undefined;
  /** Live sessions that a subject may have. @defaultValue 100 */
  readonly maxSessions?: number | undefined;
  /** What happens at a login beyond that. @defaultValue `'evict-oldest'`: the least recently refreshed one ends */
  readonly onSessionLimit?: 'evict-oldest' | 'reject' | undefined;
  /** How long the store and the hooks may take. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /** Hears of everything that happens to sessions and tokens. */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds, for `iat` and `exp`; sessions live by the store's clock. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** The checked options. */
export interface IssuingContext extends SessionOwnership {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** @internal */
  readonly keys: ReplaceableKeys<SigningKeySet>;
  /** @internal Reads the access token sent along. */
  readonly reader: AccessTokenReader;
  /** @internal */
  readonly refreshKeys: RefreshKeyRing;
  /** @internal */
  readonly store: SessionStore;
  /** @internal */
  readonly claims: ClaimsHook | undefined;
  /** @internal Seconds, as in the claim it ends up in. */
  readonly accessTokenLifetime: number;
  /** @internal Milliseconds, as all times of sessions. */
  readonly idleLifetime: number;
  /** @internal */
  readonly absoluteLifetime: number;
  /** @internal */
  readonly reuseInterval: number;
  /** @internal */
  readonly requireAccessToken: boolean;
  /** @internal */
  readonly limit: SessionLimit;
  /** @internal */
  readonly space: ProtectionSpace;
  /** @internal */
  readonly hooks: HookContext;
  /** @internal */
  readonly clock: Clock;
}

export const issuingOptionNames: readonly string[] = [
  'issuer',
  'audience',
  'keys',
  'refreshKeys',
  'store',
  'claims',
  'accessTokenLifetime',
  'idleLifetime',
  'absoluteLifetime',
  'reuseInterval',
  'requireAccessToken',
  'maxSessions',
  'onSessionLimit',
  'realm',
  'resourceMetadata',
  'deadline',
  'onEvent',
  'clock',
];

/** Checks the options of issuing and imports its keys. */
export function buildIssuingContext(options: IssuingOptions): IssuingContext {
  const {
    issuer,
    audience,
    keys,
    refreshKeys,
    store,
    claims,
    accessTokenLifetime = '5m',
    idleLifetime = '30d',
    absoluteLifetime = '90d',
    reuseInterval = 30,
    requireAccessToken = false,
    maxSessions = 100,
    onSessionLimit = 'evict-oldest',
    deadline = defaultDeadline,
    onEvent,
    clock = systemClock,
  } = options;
  requireStore(store);
  requireFunction('claims', claims);
  requireBoolean('requireAccessToken', requireAccessToken);
  requireCount('maxSessions', maxSessions, 10_000);
  requireOneOf('onSessionLimit', onSessionLimit, ['evict-oldest', 'reject']);
  requireFunction('onEvent', onEvent);
  requireFunction('clock', clock);
  const now = nowOrSystem(clock);
  const names = { issuer: requireText('issuer', issuer), audience: requireAudience(audience) };
  const ring = createReplaceableKeys(importSigningKeys(keys, now));
  requireRoomForGrants(names, ring.current);
  const times = {
    idleLifetime: toSeconds('idleLifetime', idleLifetime) * 1_000,
    absoluteLifetime: toSeconds('absoluteLifetime', absoluteLifetime) * 1_000,
    reuseInterval: toSeconds('reuseInterval', reuseInterval, { min: 0, max: 300 }) * 1_000,
  };
  requireRoomToRotate(times);
  return {
    ...names,
    ...times,
    ...toSessionOwnership(names.issuer, names.audience),
    keys: ring,
    reader: createAccessTokenReader(ring),
    refreshKeys: createRefreshKeyRing(
      importRefreshKeys(refreshKeys, names.issuer, now),
      Math.min(times.idleLifetime, times.absoluteLifetime),
    ),
    store,
    claims,
    accessTokenLifetime: toSeconds('accessTokenLifetime', accessTokenLifetime),
    requireAccessToken,
    limit: { max: maxSessions, onLimit: onSessionLimit },
    space: toProtectionSpace(options),
    hooks: {
      emit: createEmit(onEvent),
      deadline: toSeconds('deadline', deadline, { max: 3_600 }) * 1_000,
    },
    clock,
  };
}

// A session rotates at most once in twice the reuse interval, and only a rotation starts the idle lifetime again.
function requireRoomToRotate({
  idleLifetime,
  reuseInterval,
}: Pick<IssuingContext, 'idleLifetime' | 'reuseInterval'>): void {
  const least = 4 * reuseInterval;
  if (idleLifetime < least) {
    refuseOption(
      'idleLifetime',
      `at least four times reuseInterval, ${least / 1_000} seconds: a session rotates at most once in twice that interval`,
      idleLifetime / 1_000,
    );
  }
}

const storeMethods = ['create', 'rotate', 'get', 'revoke', 'revokeSubject', 'list'] as const;

function requireStore(store: unknown): void {
  const methods = isObject(store) ? store : {};
  const missing = storeMethods.find((method) => typeof methods[method] !== 'function');
  if (missing !== undefined) {
    refuseOption(
      'store',
      `a session store, new MemorySessionStore() for example: it lacks ${missing}()`,
    );
  }
}
