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
import type { StandardSchema } from '../lib/standard-schema.js';
import type { SessionLimit, SessionStore } from '../store/session-store.js';
import type { Revocations } from '../revocations/revocations.js';
import type { RefreshKeyOptions, RefreshKeyRing } from './refresh-keys.js';
import type { ClaimsContext } from './session-details.js';
import type { SessionOwnership } from './session-owner.js';

/**
 * Returns the claims of an access token beside the registered ones, or `false` to deny the subject: then a login gets
 * {@link AccessDeniedError} (403), and a refresh ends the session. Called at a login and at every refresh, so a change of
 * role or a ban takes effect with the next access token; claims are never copied from an old token.
 *
 * A `scope` in the answer takes scopes away from this access token: some of `session.scope`, space-delimited. The session keeps
 * its grant.
 *
 * When it throws, is slower than `deadline` or returns anything else, the client gets 503 and nothing was spent. When it
 * returns more than fits into an access token of 8 192 characters, the client gets 500 ({@link TokenTooLargeError}), and
 * nothing was spent either.
 */
export type ClaimsHook<Metadata = unknown> = (
  subject: string,
  session: ClaimsContext<Metadata>,
) => ClaimsAnswer | Promise<ClaimsAnswer>;

export type ClaimsAnswer =
  | (Readonly<Record<string, unknown>> & { readonly scope?: string })
  | false;

/** What {@link createTokenIssuer} takes for issuing; {@link VerificationOptions} go to its own verifier. */
export interface IssuingOptions<Metadata = unknown> extends ProtectionSpaceOptions {
  /** Written as `iss`. With `audience` and the signature it must leave room for 4 096 bytes of subject and scope. */
  readonly issuer: string;
  /** Written as `aud`: at most 200 names. */
  readonly audience: string | readonly string[];
  /** The first key signs, the others only verify; unless their `state` says otherwise. */
  readonly keys: readonly [SigningKeyOptions, ...(VerificationKeyOptions | SigningKeyOptions)[]];
  /** The first key seals refresh tokens, the others only open them; unless their `state` says otherwise. */
  readonly refreshKeys: readonly [RefreshKeyOptions, ...RefreshKeyOptions[]];
  readonly store: SessionStore;
  /**
   * The revocation log of this issuer: announces ends of sessions and changes of claims, so that every process refuses the access
   * tokens at once. Give the same log to the verifiers of its tokens. Without one, access tokens live until `exp`.
   * @defaultValue a `MemoryRevocations` if `store` is a `MemorySessionStore`, otherwise none
   */
  readonly revocations?: Revocations | undefined;
  readonly claims?: ClaimsHook<Metadata> | undefined;
  /**
   * A Standard Schema for the answers of `claims`, of zod, valibot or arktype for example; it may be async. An answer that does
   * not fit is a failure of the hook: 503, and the event `hook.failed` names the members. What is signed is the answer itself,
   * not the output of the schema. The issuer's own `verifier` checks and types the claims of each token with the schema: a
   * token that was signed before a stricter schema is refused with `token_invalid`, so allow for it while such tokens live.
   * Requires `claims`. @defaultValue none
   */
  readonly claimsSchema?: StandardSchema | undefined;
  /**
   * A Standard Schema for the `metadata` of sessions, of zod, valibot or arktype for example; it may be async. It gives `metadata`
   * its type in {@link listSessions}, {@link updateSession}, in a grant and in the `claims` hook. Metadata that does not fit is a
   * TypeError at a login and at an update, and nothing is stored; a grant without metadata is checked as `{}`. What is stored is the
   * metadata itself, not the output of the schema. If the schema throws or exceeds `deadline`, the login gets 503.
   *
   * Not checked when it is read: a session from before a stricter schema keeps the metadata that it has. @defaultValue none
   */
  readonly metadataSchema?: StandardSchema<Metadata> | undefined;
  /**
   * How long an access token is valid. A number above 86 400 (one day) is refused, because it is probably milliseconds; text is not.
   * @defaultValue `'5m'` (300 seconds) @see RFC 7519 §4.1.4
   */
  readonly accessTokenLifetime?: Duration | undefined;
  /**
   * A session ends when it has not been refreshed for this time. At most `absoluteLifetime`. A number above 400 days is refused: it is
   * probably milliseconds. @defaultValue `'30d'` (30 days), or `absoluteLifetime` if that is shorter
   */
  readonly idleLifetime?: Duration | undefined;
  /**
   * Maximum age of a session, counted from login. Refreshing does not extend it. A number above 800 days is refused: it is probably
   * milliseconds. @defaultValue `'90d'` (90 days)
   */
  readonly absoluteLifetime?: Duration | undefined;
  /**
   * How long the predecessor of a refresh token gets the same successor again: for tabs that refresh together and for
   * responses that were lost. Set it longer than your clients' retry delay. A session rotates at most once in twice this
   * time; a refresh before that returns the same refresh token. 0 to 300 seconds; with 0, every second use of a refresh token
   * ends its session. @defaultValue 30 (seconds)
   */
  readonly reuseInterval?: Duration | undefined;
  /**
   * How long after its first use a spent refresh token can get another successor, because the answer with the first one was
   * lost. Only in sessions whose use was reported (by this issuer's `verifier` or `confirmGeneration`), and only while no
   * successor was seen in use. 0 to 7 days; 0 turns it off, and must be so with a `reuseInterval` of 0.
   * @defaultValue `'24h'` (24 hours)
   */
  readonly recovery?: Duration | undefined;
  /**
   * Maximum age of a session in which an actor acts for a subject. A number above 30 days is refused: it is probably milliseconds.
   * @defaultValue `'1h'` (1 hour)
   */
  readonly actorLifetime?: Duration | undefined;
  /** The claim `client_id` of sessions without a client. @defaultValue the name of the issuer @see RFC 9068 §2.2 */
  readonly clientId?: string | undefined;
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
  /**
   * Maximum time for each call of the store or a hook: 0.01 seconds to 1 hour, fractions of a second too; above a minute as text.
   * @defaultValue 5 (seconds)
   */
  readonly deadline?: Duration | undefined;
  /**
   * Called with an event for everything that happens to sessions and tokens. Without it and without a subscriber of the diagnostics
   * channel `tokenpair`, each cause of a failure is one process warning.
   */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds, for `iat` and `exp`; sessions use the store's clock. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** What `createTokenIssuer` returned, as far as issuing needs it: the checked options. */
export interface IssuingContext<Metadata = unknown>
  extends SessionOwnership, MadeBy<'createTokenIssuer'> {
  /** Only a type: the metadata that `metadataSchema` describes. Has no value. */
  readonly '~metadata'?: Metadata;
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
  readonly revocations: Revocations | undefined;
  /** @internal */
  readonly claims: ClaimsHook | undefined;
  /** @internal */
  readonly claimsSchema: StandardSchema | undefined;
  /** @internal */
  readonly metadataSchema: StandardSchema | undefined;
  /** @internal Seconds, as in the claim `exp`. */
  readonly accessTokenLifetime: number;
  /** @internal Milliseconds, as all times of sessions are. */
  readonly idleLifetime: number;
  /** @internal */
  readonly absoluteLifetime: number;
  /** @internal */
  readonly reuseInterval: number;
  /** @internal */
  readonly recovery: number;
  /** @internal */
  readonly actorLifetime: number;
  /** @internal */
  readonly clientId: string;
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

/** @throws TypeError saying what to pass as the first argument of the function `where`. */
export function requireTokenIssuer(where: string, tokens: unknown): void {
  requireMadeBy('createTokenIssuer', where, tokens, `Call ${where}(tokens, …) with it.`);
}
