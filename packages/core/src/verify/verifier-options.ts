// The options of a token verifier, as applications write them.

import type { ProtectionSpaceOptions } from '../errors/challenge.js';
import type { Clock } from '../hooks/clock.js';
import type { EventListener } from '../hooks/events.js';
import type { Duration } from '../lib/duration.js';
import type { StandardSchema } from '../lib/standard-schema.js';
import type { AcceptedIssuerOptions } from './accepted-issuer.js';
import type { FindIssuer, IssuerCacheOptions } from './issuer-finder.js';
import type { TokenCacheOptions } from './token-cache.js';
import type { TokenTransports } from './token-transports.js';
import type { VerifiedToken } from './verified-token.js';

/** Options of {@link createTokenVerifier} except issuers and keys. */
export interface VerificationOptions extends ProtectionSpaceOptions {
  /** Clock skew allowed when checking `exp` and `nbf`. 0 to 300 seconds. @defaultValue `5` (five seconds) */
  readonly clockTolerance?: Duration | undefined;
  /**
   * Places of a token beside the `Authorization` header. A request with tokens in two places fails with 400.
   * @defaultValue none: the header only. @see RFC 6750 §2, RFC 9700 §4.3.2
   */
  readonly transports?: TokenTransports | undefined;
  /**
   * Maximum length of a token in bytes, 1 to 1 048 576. A longer one fails with `token_too_long`, before anything of it is
   * decoded. Node refuses requests whose headers exceed 16 KB together, unless `--max-http-header-size` is set.
   * @defaultValue `8_192` (8 KB)
   */
  readonly maxTokenBytes?: number | undefined;
  /**
   * Whether a valid token was revoked: `true` or `false`, or a promise of it. Called last, at every request. When it throws,
   * exceeds `deadline` or answers anything else, the request fails with 503.
   *
   * Look up the session (`sid`) or the token's `jti`, not the text of the token: for ES256, ES384 and ES512 the holder of a
   * token can compute a second valid signature, and so a second text. @defaultValue none
   */
  readonly isRevoked?: ((token: VerifiedToken) => boolean | Promise<boolean>) | undefined;
  /**
   * Limits of the cache of verified tokens, or `false` for no cache. The signature of a cached token is not computed again.
   * Its times, its key, the revocation list and `isRevoked` are checked at every request.
   * @defaultValue `{ max: 10_000, maxBytes: 33_554_432 }` (10 000 tokens, 32 MiB)
   */
  readonly cache?: TokenCacheOptions | false | undefined;
  /**
   * Time limit for `isRevoked`, `transports.custom` and `check` guards: 0.01 seconds to 1 hour, fractions of a second too;
   * above a minute as text.
   * @defaultValue `5` (five seconds)
   */
  readonly deadline?: Duration | undefined;
  /**
   * Receives events: rejected requests with the exact check, hooks that failed, and loads of its key sets that failed. Without it and
   * without a subscriber of the diagnostics channel, each cause of a failure is one process warning.
   */
  readonly onEvent?: EventListener | undefined;
  /** Source of the current time in milliseconds since the epoch. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Options of {@link createTokenVerifier}: one issuer, or several. */
export type TokenVerifierOptions<Claims = unknown> = (OneIssuerOptions | SeveralIssuersOptions) &
  ClaimsSchemaOptions<Claims>;

/** The claims that an application expects in a token. */
export interface ClaimsSchemaOptions<Claims> {
  /**
   * A Standard Schema for the claims, of zod, valibot or arktype for example; it may be async. It gives `token.claims` and
   * `auth.of(req).claims` their types. A token that does not fit is refused with `token_invalid` and the check `claims`. Called
   * with a copy of all claims, after the other checks of claims and not for a token in the cache. The registered claims keep
   * their values. When the schema throws or exceeds `deadline`, the request gets 503. @defaultValue none
   */
  readonly claims?: StandardSchema<Claims> | undefined;
}

/** Options of a verifier that accepts the tokens of one issuer. */
export interface OneIssuerOptions extends VerificationOptions, AcceptedIssuerOptions {}

/** Options of a verifier that accepts the tokens of several issuers. */
export interface SeveralIssuersOptions extends VerificationOptions {
  /**
   * The issuers, each with its own audience, keys, algorithms and type. The `iss` of a token selects the issuer whose rules
   * and keys apply, compared as a string. Two entries with the same name are an error.
   *
   * A function finds them when tokens come, for tenants that are not known at start: see {@link FindIssuer}. Its answers are
   * kept as `issuerCache` says.
   */
  readonly issuers: readonly AcceptedIssuerOptions[] | FindIssuer;
  /** How long the answers of `issuers` are kept, when it is a function. @defaultValue 1 000 issuers, 10 minutes */
  readonly issuerCache?: IssuerCacheOptions | undefined;
}

export const verificationOptionNames: readonly string[] = [
  'realm',
  'resourceMetadata',
  'clockTolerance',
  'transports',
  'maxTokenBytes',
  'isRevoked',
  'cache',
  'deadline',
  'onEvent',
  'clock',
];
