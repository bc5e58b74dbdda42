// Creates a token verifier: checks its options once, and imports its keys. RFC 9068 §4

import {
  toProtectionSpace,
  type ProtectionSpace,
  type ProtectionSpaceOptions,
} from '../errors/challenge.js';
import { systemClock, type Clock } from '../hooks/clock.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { createEmit } from '../hooks/emit.js';
import type { EventListener } from '../hooks/events.js';
import { deadlineBounds, defaultDeadline, type HookContext } from '../hooks/hooks.js';
import type { ReportUse } from '../hooks/report-use.js';
import { listenTo } from '../hooks/key-set-listeners.js';
import { isKeySource } from '../keys/key-source.js';
import type { KeysInMemory } from '../keys/verifier-keys.js';
import { maxTokenLength } from '../jwt/compact-jws.js';
import { markAs, requireMadeBy, type MadeBy } from '../lib/brand.js';
import {
  checkOptions,
  refuseOption,
  requireBoolean,
  requireCount,
  requireFunction,
  requireText,
} from '../lib/options.js';
import { requireSchema, type StandardSchema } from '../lib/standard-schema.js';
import { readOrigins } from './origin.js';
import {
  acceptedIssuerOptionNames,
  acceptIssuers,
  replaceKeysOf,
  type AcceptedIssuer,
  type AcceptedIssuerOptions,
} from './accepted-issuer.js';
import type { BearerRequest } from './bearer-request.js';
import { createIssuerFinder } from './issuer-finder.js';
import type { FindIssuer, IssuerCacheOptions, IssuerFinder } from './issuer-finder.js';
import { createTokenCache, type TokenCache, type TokenCacheOptions } from './token-cache.js';
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
   * Its times, its key and `isRevoked` are checked at every request.
   * @defaultValue `{ max: 10_000, maxBytes: 33_554_432 }` (10 000 tokens, 32 MiB)
   */
  readonly cache?: TokenCacheOptions | false | undefined;
  /**
   * Time limit for `isRevoked`, `transports.custom` and `check` guards: 0.01 seconds to 1 hour, fractions of a second too.
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

/** Places of a token. Those other than the `Authorization` header are off by default. */
export interface TokenTransports {
  /**
   * `false` ignores the `Authorization` header of requests, which then may hold a credential for something else. Requires
   * another transport. A text that is passed to `verifyBearer` is read all the same. @defaultValue `true`
   */
  readonly header?: boolean | undefined;
  /**
   * Name of a cookie with the access token. Use the prefix `__Host-`, as in `'__Host-access_token'`: then no other host of the
   * domain can set the cookie.
   *
   * A browser sends the cookie with the requests of every page. So a request with the cookie fails with 403
   * (`origin_refused`) unless it comes from the server's own origin or from `allowedOrigins`. This is read from
   * `Sec-Fetch-Site`, else from `Origin` and `Host`; a program that sends neither must send an `X-Requested-With` header. The
   * server's own origin is `https`, or `http` on a loopback host. Not checked: `GET`, `HEAD`, `OPTIONS` and `TRACE`, which
   * must not change anything, except for WebSocket handshakes. A request object without a `method` is checked.
   */
  readonly cookie?: string | undefined;
  /** Origins whose pages may send the cookie, beside the server's own. Requires `cookie`. @defaultValue none */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Name of a query parameter with the access token. URLs end up in logs: prefer every other transport. */
  readonly query?: string | undefined;
  /**
   * Finds the token in another place, and answers `undefined` when there is none. If it reads a cookie, it must check the
   * origin of the request itself.
   */
  readonly custom?:
    | ((request: BearerRequest) => string | undefined | Promise<string | undefined>)
    | undefined;
}

interface CheckedTransports extends Omit<TokenTransports, 'allowedOrigins' | 'header'> {
  readonly header: boolean;
  readonly allowedOrigins: ReadonlySet<string>;
}

/** Verifies access tokens. Made by {@link createTokenVerifier}; an issuer has one as its `verifier`. */
export interface TokenVerifier<Claims = unknown> extends MadeBy<'createTokenVerifier'> {
  /** Only a type: the claims that the schema of the verifier describes. Has no value. */
  readonly '~claims'?: Claims;
  /** The accepted issuers, with their audiences. Empty when `issuers` is a function. */
  readonly accepts: readonly AcceptedIssuer[];
  /** Name of the protected area in every challenge. */
  readonly realm: string;
  /**
   * Replaces all keys of an issuer. From the next request on, a token whose key is not among the new keys fails with
   * `token_key_unknown`, also when it is in the cache, and its client refreshes.
   *
   * Give a new key a new `kid`. A different key under a known `kid` is accepted, so that a key can be withdrawn; tokens of
   * the former key then fail with `token_invalid`, and their users must sign in again.
   *
   * @param issuer - the issuer whose keys are replaced. Required when the verifier accepts several issuers.
   * @throws TypeError a key cannot be used, no key is for an accepted algorithm, `issuer` is not the name of an accepted
   * issuer, or the keys are loaded by a key set. Also on the `verifier` of an issuer: call the issuer's `replaceKeys`. In
   * all these cases no key is replaced.
   */
  replaceKeys(keys: KeysInMemory, issuer?: string): void;
  /** @internal The token of each request that was verified; every guard of the verifier shares it. */
  readonly verifiedRequests: WeakMap<object, VerifiedToken>;
  /** @internal `undefined` when it is off. */
  readonly cache: TokenCache | undefined;
  /** @internal */
  readonly space: ProtectionSpace;
  /** @internal */
  readonly clockTolerance: number;
  /** @internal `undefined` when only the header is read. */
  readonly transports: CheckedTransports | undefined;
  /** @internal */
  readonly maxTokenBytes: number;
  /** @internal */
  readonly claimsSchema: StandardSchema | undefined;
  /** @internal */
  readonly isRevoked: VerificationOptions['isRevoked'];
  /** @internal Only the verifier of an issuer reports. */
  readonly reportUse: ReportUse | undefined;
  /** @internal `undefined` when the issuers are given. */
  readonly finder: IssuerFinder | undefined;
  /** @internal */
  readonly hooks: HookContext;
  /** @internal */
  readonly clock: Clock;
}

/**
 * Creates a verifier for {@link verifyBearer} and for the `bearer` of the adapters. Checks all options and imports all keys.
 *
 * @throws TypeError an option is wrong, missing or unknown; the message names it.
 * @see RFC 9068 §4, RFC 8725 §3
 */
export function createTokenVerifier<Claims = unknown>(
  options: TokenVerifierOptions<Claims>,
): TokenVerifier<Claims> {
  const checked = checkOptions('createTokenVerifier', options, [
    'issuers',
    'issuerCache',
    'claims',
    ...acceptedIssuerOptionNames,
    ...verificationOptionNames,
  ]);
  const accepts = acceptIssuers(checked);
  const { issuers, issuerCache } = checked;
  const finding = isFindIssuer(issuers) ? { issuers, issuerCache } : undefined;
  const verifier = buildTokenVerifier(
    accepts,
    { ...checked, claimsSchema: checked.claims, finding },
    (keys, name) => {
      if (finding) {
        throw new TypeError(
          'issuers is a function, so replaceKeys replaces nothing: let it return the new keys',
        );
      }
      const isOnly = name === undefined && accepts.length === 1;
      const accepted = accepts.find(({ issuer }) => isOnly || issuer === name);
      if (accepted === undefined) {
        const names = accepts.map(({ issuer }) => `'${issuer}'`).join(' or ');
        refuseOption('issuer', `the name of an issuer that is accepted: ${names}`, name);
      }
      replaceKeysOf(accepted, keys);
    },
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of the options describes these claims
  return verifier as TokenVerifier<Claims>;
}

function isFindIssuer(issuers: unknown): issuers is FindIssuer {
  return typeof issuers === 'function';
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

const toleranceBounds = { min: 0, max: 300, fractions: true };

/** Builds a verifier from checked issuers; an issuer builds its own verifier with it. */
export function buildTokenVerifier(
  accepts: readonly AcceptedIssuer[],
  options: VerificationOptions & {
    readonly reportUse?: ReportUse | undefined;
    readonly claimsSchema?: StandardSchema | undefined;
    readonly finding?: { readonly issuers: FindIssuer; readonly issuerCache: unknown } | undefined;
  },
  replaceKeys: TokenVerifier['replaceKeys'],
): TokenVerifier {
  const {
    clockTolerance = 5,
    transports,
    maxTokenBytes = maxTokenLength,
    isRevoked,
    cache,
    deadline = defaultDeadline,
    onEvent,
    clock = systemClock,
  } = options;
  const space = toProtectionSpace(options);
  requireCount('maxTokenBytes', maxTokenBytes, 2 ** 20);
  requireFunction('isRevoked', isRevoked);
  requireFunction('onEvent', onEvent);
  requireFunction('clock', clock);
  const hooks = {
    emit: createEmit(onEvent),
    deadline: toSeconds('deadline', deadline, deadlineBounds) * 1_000,
  };
  const hear = (accepted: AcceptedIssuer) => hearKeySets(accepted, onEvent);
  accepts.forEach(hear);
  const { finding, claimsSchema } = options;
  if (claimsSchema !== undefined) requireSchema('claims', claimsSchema);
  const verifier = markAs('createTokenVerifier', {
    accepts: Object.freeze(accepts),
    realm: space.realm,
    replaceKeys,
    verifiedRequests: new WeakMap<object, VerifiedToken>(),
    cache: createTokenCache(cache),
    space,
    clockTolerance: toSeconds('clockTolerance', clockTolerance, toleranceBounds),
    transports: transports === undefined ? undefined : checkTransports(transports),
    maxTokenBytes,
    claimsSchema,
    isRevoked,
    reportUse: options.reportUse,
    finder: finding && createIssuerFinder(finding.issuers, finding.issuerCache, hooks, clock, hear),
    hooks,
    clock,
  });
  return Object.freeze(verifier);
}

/** Lets the listener of a verifier hear the key sets of an issuer. */
function hearKeySets(
  { reader: { keys } }: AcceptedIssuer,
  onEvent: EventListener | undefined,
): void {
  if (onEvent === undefined) return;
  for (const source of isKeySource(keys) ? [keys] : (keys.sources ?? [])) listenTo(source, onEvent);
}

/** @throws TypeError the value is not a verifier; the message says what to pass. */
export function requireVerifier(where: string, value: unknown): void {
  requireMadeBy('createTokenVerifier', where, value, 'For an issuer, pass tokens.verifier.');
}

const cookieName = /^[\w!#$%&'*+.^`|~-]+$/;

function checkTransports(transports: TokenTransports): CheckedTransports {
  const names = ['header', 'cookie', 'allowedOrigins', 'query', 'custom'];
  const checked = checkOptions('transports', transports, names);
  const { header = true, cookie, allowedOrigins, query, custom } = checked;
  requireBoolean('transports.header', header);
  if (cookie !== undefined && !cookieName.test(requireText('transports.cookie', cookie, 256))) {
    refuseOption('transports.cookie', 'the name of a cookie', cookie);
  }
  if (query !== undefined) requireText('transports.query', query, 256);
  requireFunction('transports.custom', custom);
  if (allowedOrigins !== undefined && cookie === undefined) {
    throw new TypeError('transports.allowedOrigins needs transports.cookie: name the cookie too');
  }
  if (!header && [cookie, query, custom].every((transport) => transport === undefined)) {
    throw new TypeError(
      'transports.header is false, and no other transport is given: name a cookie, query or custom',
    );
  }
  return Object.freeze({
    header,
    cookie,
    query,
    custom,
    allowedOrigins: readOrigins(allowedOrigins, 'transports.allowedOrigins'),
  });
}
