// What `createTokenIssuer` takes for issuing, and what the functions of this folder get of it.

import type { ProtectionSpace, ProtectionSpaceOptions } from '../errors/challenge.js';
import type { Clock } from '../hooks/clock.js';
import type { EventListener } from '../hooks/events.js';
import type { HookContext } from '../hooks/hooks.js';
import type { AccessTokenReader } from '../jwt/access-token.js';
import type { SigningKeyOptions, SigningKeySet, VerificationKeyOptions } from '../keys/keys.js';
import type { ReplaceableKeys } from '../keys/key-source.js';
import { requireMadeBy, type MadeBy } from '../lib/brand.js';
import type { Duration } from '../lib/duration.js';
import type { SessionLimit, SessionStore } from '../store/session-store.js';
import type { RefreshKeyOptions, RefreshKeyRing } from './refresh-keys.js';
import type { SessionOwnership } from './session-record.js';

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
 * When it throws, is slower than `deadline` or returns anything else, the client gets 503. When it returns more than fits
 * into an access token of 8 192 characters, the client gets 500 ({@link TokenTooLargeError}). In both cases nothing was spent.
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
}

/** @internal What applications do not see of it. */
export interface IssuingContext {
  readonly keys: ReplaceableKeys<SigningKeySet>;
  /** Reads an access token that comes with a refresh. */
  readonly reader: AccessTokenReader;
  readonly refreshKeys: RefreshKeyRing;
  readonly store: SessionStore;
  readonly claims: ClaimsHook | undefined;
  /** Seconds, as in the claim `exp`. */
  readonly accessTokenLifetime: number;
  /** Milliseconds, as all times of sessions are. */
  readonly idleLifetime: number;
  readonly absoluteLifetime: number;
  readonly reuseInterval: number;
  readonly requireAccessToken: boolean;
  readonly limit: SessionLimit;
  readonly space: ProtectionSpace;
  readonly hooks: HookContext;
  readonly clock: Clock;
}

/** @throws TypeError saying what to pass as the first argument of the function `where`. */
export function requireTokenIssuer(where: string, tokens: unknown): void {
  requireMadeBy('createTokenIssuer', where, tokens, `Call ${where}(tokens, …) with it.`);
}
