// The options of an issuer: how they are checked, and what the functions of this folder get of them.

import { createAccessTokenReader, type AccessTokenReader } from '../jwt/access-token.js';
import {
  toProtectionSpace,
  type ProtectionSpace,
  type ProtectionSpaceOptions,
} from '../errors/challenge.js';
import { nowOrSystem, systemClock, type Clock } from '../hooks/clock.js';
import { markAs, requireMadeBy, type MadeBy } from '../lib/brand.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { createEmit, type EventListener } from '../hooks/events.js';
import { defaultDeadline, type HookContext } from '../hooks/hooks.js';
import { createReplaceableKeys, type ReplaceableKeys } from '../keys/key-source.js';
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

/** What the `claims` hook gets of the session: a copy for each call, frozen with everything in it. */
export interface ClaimsContext {
  readonly sessionId: string;
  /** The scope that this access token will carry. */
  readonly scope: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** When the session was created, in milliseconds by the store's clock; `undefined` at a login, before it is created. */
  readonly createdAt: number | undefined;
  /** `'issue'` at a login, `'refresh'` at a refresh. */
  readonly reason: 'issue' | 'refresh';
}

/**
 * Returns the claims of an access token beside the registered ones, or `false` to deny the subject: then a login gets
 * {@link AccessDeniedError} (403), and a refresh ends the session. Called at a login and at every refresh, so a change of
 * role or a ban takes effect with the next access token; claims are never copied from an old token.
 *
 * When it throws, is slower than `deadline` or returns anything else, the client gets 503 and nothing was spent. When it
 * returns more than fits into an access token of 8 192 characters, the client gets 500 ({@link TokenTooLargeError}), and
 * nothing was spent either.
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
  /** The first key signs, the others only verify; unless their `state` says otherwise. */
  readonly keys: readonly [SigningKeyOptions, ...(VerificationKeyOptions | SigningKeyOptions)[]];
  /** The first key seals refresh tokens, the others only open them; unless their `state` says otherwise. */
  readonly refreshKeys: readonly [RefreshKeyOptions, ...RefreshKeyOptions[]];
  readonly store: SessionStore;
  readonly claims?: ClaimsHook | undefined;
  /** How long an access token is valid. @defaultValue `'5m'` (300 seconds) @see RFC 7519 §4.1.4 */
  readonly accessTokenLifetime?: Duration | undefined;
  /** A session ends when it has not been refreshed for this time. @defaultValue `'30d'` (30 days) */
  readonly idleLifetime?: Duration | undefined;
  /** Maximum age of a session, counted from login. Refreshing does not extend it. @defaultValue `'90d'` (90 days) */
  readonly absoluteLifetime?: Duration | undefined;
  /**
   * How long the predecessor of a refresh token gets the same successor again: for tabs that refresh together and for
   * responses that were lost. Set it longer than your clients' retry delay. A session rotates at most once in twice this
   * time; a refresh before that returns the same refresh token. 0 to 300 seconds; with 0, every second use of a refresh token
   * ends its session. @defaultValue 30 (seconds)
   */
  readonly reuseInterval?: Duration | undefined;
  /**
   * Whether a refresh needs the access token too. Then keep a key among `keys` until the sessions with access tokens under it
   * have ended, the shorter of `idleLifetime` and `absoluteLifetime`: an access token whose key was removed counts as
   * absent, so its session could not be refreshed. `describeKeys` says until when.
   * @defaultValue `false`
   */
  readonly requireAccessToken?: boolean | undefined;
  /** Maximum number of live sessions per subject, 1 to 10 000. @defaultValue 100 */
  readonly maxSessions?: number | undefined;
  /**
   * What happens at a login beyond `maxSessions`: `'evict-oldest'` ends the least recently refreshed session, `'reject'`
   * refuses the login with 403. @defaultValue `'evict-oldest'`
   */
  readonly onSessionLimit?: 'evict-oldest' | 'reject' | undefined;
  /** Maximum time for each call of the store or a hook, 1 second to 1 hour. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /** Called with an event for everything that happens to sessions and tokens. */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds, for `iat` and `exp`; sessions use the store's clock. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** What `createTokenIssuer` returned, as far as issuing needs it: the checked options. */
export interface IssuingContext extends SessionOwnership, MadeBy<'createTokenIssuer'> {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** @internal */
  readonly keys: ReplaceableKeys<SigningKeySet>;
  /** @internal Reads an access token that comes with a refresh. */
  readonly reader: AccessTokenReader;
  /** @internal */
  readonly refreshKeys: RefreshKeyRing;
  /** @internal */
  readonly store: SessionStore;
  /** @internal */
  readonly claims: ClaimsHook | undefined;
  /** @internal Seconds, as in the claim `exp`. */
  readonly accessTokenLifetime: number;
  /** @internal Milliseconds, as all times of sessions are. */
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
  return markAs('createTokenIssuer', {
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
  });
}

/**
 * Requires the product of `createTokenIssuer`.
 *
 * @param where - the function whose first argument it is.
 * @throws TypeError saying what to pass.
 */
export function requireTokenIssuer(where: string, tokens: unknown): void {
  requireMadeBy('createTokenIssuer', where, tokens, `Call ${where}(tokens, …) with it.`);
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
