// On the guard journey: the checked options of the verbs beside this file.

import {
  toProtectionSpace,
  type ProtectionSpace,
  type ProtectionSpaceOptions,
} from '../errors/challenge.js';
import { systemClock, type Clock } from '../hooks/clock.js';
import { toSeconds, type Duration } from '../lib/duration.js';
import { createEmit, type EventListener } from '../hooks/events.js';
import { defaultDeadline, type HookContext } from '../hooks/hooks.js';
import type { VerificationKeyOptions } from '../keys/keys.js';
import { checkOptions, refuseOption, requireFunction, requireText } from '../lib/options.js';
import { readOrigins } from './origin.js';
import {
  acceptedIssuerOptionNames,
  acceptIssuer,
  replaceKeysOf,
  type AcceptedIssuer,
  type AcceptedIssuerOptions,
} from './accepted-issuer.js';
import type { BearerRequest } from './bearer-request.js';
import { createTokenCache, type TokenCache, type TokenCacheOptions } from './token-cache.js';
import type { VerifiedToken } from './verified-token.js';

/** What {@link createTokenVerifier} takes, but for the keys. */
export interface VerificationOptions extends ProtectionSpaceOptions {
  /**
   * Difference between clocks that is forgiven in `exp`, `nbf` and `iat`: 0 to 300 seconds.
   * @defaultValue 5 (seconds)
   */
  readonly clockTolerance?: Duration | undefined;
  /**
   * Where a token may stand beside the `Authorization` header. A request that uses two places is refused with 400.
   * @defaultValue none: the header only. RFC 6750 §2, RFC 9700 §4.3.2
   */
  readonly transports?: TokenTransports | undefined;
  /**
   * Whether a token that is good in itself has been revoked since: `true` or `false`, or a promise of it. Asked
   * last. When it throws, is slow or answers anything else, the request gets 503, never a pass.
   *
   * Look up the session (`sid`) or the token's `jti`. The text of a token does not identify it: under ES256, ES384 and
   * ES512 anyone who holds a token can compute a second signature for it, which is as valid.
   */
  readonly isRevoked?: ((token: VerifiedToken) => boolean | Promise<boolean>) | undefined;
  /**
   * Whether tokens that have been verified are remembered, so that their signature is not computed again: `false`, or how
   * many. Their times, their key and `isRevoked` are checked at every request all the same.
   * @defaultValue `{ max: 10_000, maxBytes: 33_554_432 }` (10 000 tokens, 32 MiB)
   */
  readonly cache?: TokenCacheOptions | false | undefined;
  /** How long `isRevoked` and `transports.custom` may take. @defaultValue 5 (seconds) */
  readonly deadline?: Duration | undefined;
  /** Hears of refused tokens, with the exact check, and of hooks that failed. */
  readonly onEvent?: EventListener | undefined;
  /** Source of now in milliseconds. @defaultValue `Date.now` */
  readonly clock?: Clock | undefined;
}

/** Options of {@link createTokenVerifier}: one issuer, or several. */
export type TokenVerifierOptions = OneIssuerOptions | SeveralIssuersOptions;

/** Options of a verifier that takes the tokens of one issuer. */
export interface OneIssuerOptions extends VerificationOptions, AcceptedIssuerOptions {}

/** Options of a verifier that takes the tokens of several issuers. */
export interface SeveralIssuersOptions extends VerificationOptions {
  /**
   * The issuers, each with its own audience, keys, algorithms and type: no token of one is held against the rules of
   * another. The `iss` of a token chooses, by exact comparison; no two are the same.
   */
  readonly issuers: readonly AcceptedIssuerOptions[];
}

/** Places other than the `Authorization` header. Each is off unless it is named. */
export interface TokenTransports {
  /**
   * Name of a cookie that holds the access token: `'__Host-access_token'`, so that no other host of the domain can set it.
   *
   * A browser sends the cookie with the requests of every page. So a request with it is refused with 403
   * (`origin_refused`) unless it comes from the server's own origin or from `allowedOrigins`: by `Sec-Fetch-Site`, else by
   * `Origin` against `Host`; a program that sends neither adds an `X-Requested-With` header. The own origin is `https`, or
   * `http` on a loopback host. Not checked: `GET`, `HEAD`, `OPTIONS` and `TRACE`, which must not change anything, except
   * for WebSocket handshakes. A request object without a `method` is checked.
   */
  readonly cookie?: string | undefined;
  /** Origins, beside the server's own, whose pages may send the cookie. Needs `cookie`. @defaultValue none */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Name of a query parameter that holds it. It ends up in logs: prefer anything else. */
  readonly query?: string | undefined;
  /**
   * Finds the token in a place of the application's own; `undefined` when there is none. Where it reads a cookie, it has to
   * check the origin of the request itself.
   */
  readonly custom?:
    | ((request: BearerRequest) => string | undefined | Promise<string | undefined>)
    | undefined;
}

/** @internal */
export interface CheckedTransports extends Omit<TokenTransports, 'allowedOrigins'> {
  readonly allowedOrigins: ReadonlySet<string>;
}

/** Verifies access tokens. Holds no key that can sign for others and no store. */
export interface TokenVerifier {
  /** Whose tokens it takes, and meant for whom. */
  readonly accepts: readonly AcceptedIssuer[];
  readonly realm: string;
  /**
   * Takes other keys instead of the present ones. From the next request on, a token whose key is not among them is
   * refused with `token_key_unknown`, whether it was verified before or not, and its client refreshes.
   *
   * Another key under a `kid` that is known is accepted, so that a key can be withdrawn whatever it is called. Tokens of
   * the former key then have a bad signature (`token_invalid`), and their users must sign in: give a new key a new `kid`.
   *
   * @param issuer - whose keys. Required where several issuers are accepted; with one it may be left out.
   * @throws TypeError naming what is wrong, and then no key is replaced: a key cannot be used, none of them is for an
   * algorithm that is accepted, or `issuer` is not the name of an accepted issuer. Also where the keys are loaded, and on
   * the verifier of an issuer, whose own `replaceKeys` must be called.
   */
  replaceKeys(keys: readonly VerificationKeyOptions[], issuer?: string): void;
  /** @internal `undefined` when it is off. */
  readonly cache: TokenCache | undefined;
  /** @internal */
  readonly space: ProtectionSpace;
  /** @internal */
  readonly clockTolerance: number;
  /** @internal `undefined` when only the header is looked at. */
  readonly transports: CheckedTransports | undefined;
  /** @internal */
  readonly isRevoked: VerificationOptions['isRevoked'];
  /** @internal */
  readonly hooks: HookContext;
  /** @internal */
  readonly clock: Clock;
}

/**
 * Checks options and imports keys, once, for {@link verifyBearer}.
 *
 * @throws TypeError naming the option that is wrong or missing.
 * @see RFC 9068 §4, RFC 8725 §3
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const checked = checkOptions('createTokenVerifier', options, [
    'issuers',
    ...acceptedIssuerOptionNames,
    ...verificationOptionNames,
  ]);
  const accepts = acceptOneOrSeveral(checked);
  return buildTokenVerifier(accepts, checked, (keys, name) => {
    const [only, ...others] = accepts;
    const isOnly = name === undefined && others.length === 0;
    const issuer = isOnly ? only : accepts.find((one) => one.issuer === name);
    if (issuer === undefined) {
      const names = accepts.map((one) => `'${one.issuer}'`).join(' or ');
      refuseOption('issuer', `the name of an issuer that is accepted: ${names}`, name);
    }
    replaceKeysOf(issuer, keys);
  });
}

function acceptOneOrSeveral(
  options: TokenVerifierOptions & Readonly<Record<string, unknown>>,
): readonly AcceptedIssuer[] {
  if (!isForSeveral(options)) return [acceptIssuer(options)];
  // What stands beside the list would be applied to none of its issuers.
  const beside = acceptedIssuerOptionNames.find((name) => options[name] !== undefined);
  if (beside !== undefined) {
    throw new TypeError(
      `createTokenVerifier has no option '${beside}' beside issuers: give it to each of the issuers`,
    );
  }
  return acceptIssuers(options.issuers);
}

function isForSeveral(options: TokenVerifierOptions): options is SeveralIssuersOptions {
  return 'issuers' in options && options.issuers !== undefined;
}

function acceptIssuers(given: unknown): readonly AcceptedIssuer[] {
  if (!Array.isArray(given) || given.length === 0) {
    return refuseOption('issuers', 'a non-empty array of issuers', given);
  }
  const accepts = given.map((options: AcceptedIssuerOptions, index) =>
    acceptIssuer(
      checkOptions(`issuers[${index}]`, options, acceptedIssuerOptionNames),
      `issuers[${index}].`,
    ),
  );
  const names = accepts.map(({ issuer }) => issuer);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`issuers: two entries are for '${twice}'`);
  return accepts;
}

export const verificationOptionNames: readonly string[] = [
  'realm',
  'resourceMetadata',
  'clockTolerance',
  'transports',
  'isRevoked',
  'cache',
  'deadline',
  'onEvent',
  'clock',
];

/** The same from parts that are checked already; an issuer makes its own verifier with it. */
export function buildTokenVerifier(
  accepts: readonly AcceptedIssuer[],
  options: VerificationOptions,
  replaceKeys: TokenVerifier['replaceKeys'],
): TokenVerifier {
  const {
    clockTolerance = 5,
    transports,
    isRevoked,
    cache,
    deadline = defaultDeadline,
    onEvent,
    clock = systemClock,
  } = options;
  const space = toProtectionSpace(options);
  const places = transports === undefined ? undefined : checkTransports(transports);
  requireFunction('isRevoked', isRevoked);
  requireFunction('onEvent', onEvent);
  requireFunction('clock', clock);
  return Object.freeze({
    accepts: Object.freeze(accepts),
    realm: space.realm,
    replaceKeys,
    cache: createTokenCache(cache),
    space,
    clockTolerance: toSeconds('clockTolerance', clockTolerance, {
      min: 0,
      max: 300,
      fractions: true,
    }),
    transports: places,
    isRevoked,
    hooks: {
      emit: createEmit(onEvent),
      deadline: toSeconds('deadline', deadline, { max: 3_600 }) * 1_000,
    },
    clock,
  });
}

const cookieName = /^[\w!#$%&'*+.^`|~-]+$/;

function checkTransports(transports: TokenTransports): CheckedTransports {
  const names = ['cookie', 'allowedOrigins', 'query', 'custom'];
  const places = checkOptions('transports', transports, names);
  const { cookie, allowedOrigins = [], query, custom } = places;
  if (cookie !== undefined && !cookieName.test(requireText('transports.cookie', cookie, 256))) {
    refuseOption('transports.cookie', 'the name of a cookie', cookie);
  }
  if (query !== undefined) requireText('transports.query', query, 256);
  requireFunction('transports.custom', custom);
  if (places.allowedOrigins !== undefined && cookie === undefined) {
    throw new TypeError('transports.allowedOrigins needs transports.cookie: name the cookie too');
  }
  return Object.freeze({
    ...places,
    allowedOrigins: readOrigins(allowedOrigins, 'transports.allowedOrigins'),
  });
}
