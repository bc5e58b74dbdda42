// The issuers that a verifier accepts: name, audience, keys and form of their tokens. RFC 9068 §4, RFC 8725 §3

import { createAccessTokenReader, type AccessTokenReader } from '../jwt/access-token.js';
import { isClaimValue, type ClaimRules, type ClaimValue } from '../jwt/claims.js';
import { algorithms as allAlgorithms, type Algorithm } from '../keys/algorithm.js';
import { createReplaceableKeys, isReplaceable } from '../keys/key-source.js';
import {
  importVerificationKeys,
  readVerifierKeys,
  type VerifierKeys,
} from '../keys/verifier-keys.js';
import { requireRevocations, type Revocations } from '../revocations/revocations.js';
import {
  checkOptions,
  isObject,
  refuseOption,
  requireAudience,
  requireOneOf,
  requireText,
} from '../lib/options.js';

/** An issuer whose tokens are accepted, and the form of these tokens. Defaults follow RFC 9068. */
export interface AcceptedIssuerOptions {
  /** The `iss` of accepted tokens, compared as a string: no patterns, no normalization of slashes. */
  readonly issuer: string;
  /** The `aud` of accepted tokens, compared as a string. With several, a token must have one of them. */
  readonly audience: string | readonly string[];
  /**
   * Keys to verify with, found by `kid`: an array of keys, a parsed JWK Set, or a key source, made by {@link remoteKeySet} for
   * example. An array may have all three. A token without `kid` is judged by the only key of its algorithm; if there are
   * several, it is refused.
   */
  readonly keys: VerifierKeys;
  /** Accepted algorithms, when the keys are for more than these. @defaultValue the algorithms of the keys */
  readonly algorithms?: readonly Algorithm[] | undefined;
  /**
   * The media type in the header's `typ`, with or without `application/`. `false` turns the check off, for issuers that
   * write no type. Then name a claim in `requiredClaims` that only access tokens have: otherwise an ID token is accepted as
   * an access token. @defaultValue `'at+jwt'` @see RFC 9068 §4, RFC 8725 §3.11
   */
  readonly type?: string | false | undefined;
  /** The claim with the audience. @defaultValue `'aud'` */
  readonly audienceClaim?: string | undefined;
  /**
   * The claim with the subject: a non-empty string, which becomes `token.subject`. The value must never be given to another
   * user; an e-mail address can be. A claim `sub` is optional then. @defaultValue `'sub'`
   */
  readonly subjectClaim?: string | undefined;
  /** The claim with the scopes: a string or an array. @defaultValue `'scope'` */
  readonly scopeClaim?: string | undefined;
  /** Claims that must equal these values, for example `{ token_use: 'access' }`. @defaultValue none */
  readonly requiredClaims?: Readonly<Record<string, ClaimValue>> | undefined;
  /**
   * Follows the revocation log of the issuer: tokens of ended sessions are refused with `session_revoked`, and tokens from before a
   * change of claims with `claims_stale`. Give each issuer its own. @defaultValue none: tokens are accepted until `exp`
   */
  readonly revocations?: Revocations | undefined;
}

/** The checked options of one issuer. */
export interface AcceptedIssuer extends ClaimRules {
  /** @internal */
  readonly reader: AccessTokenReader;
  /** @internal */
  readonly revocations: Revocations | undefined;
}

type Options = Readonly<Record<string, unknown>>;

export const acceptedIssuerOptionNames: readonly string[] = [
  'issuer',
  'audience',
  'keys',
  'algorithms',
  'type',
  'audienceClaim',
  'subjectClaim',
  'scopeClaim',
  'requiredClaims',
  'revocations',
];

/** Checks the options of one issuer, or of the several in `issuers`, and imports their keys. None if that is a function. */
export function acceptIssuers(options: Options): readonly AcceptedIssuer[] {
  const { issuers, issuerCache } = options;
  if (issuerCache !== undefined && typeof issuers !== 'function') {
    throw new TypeError('issuerCache is for issuers as a function: leave it out, or give one');
  }
  if (issuers === undefined) return [acceptIssuer(options)];
  // An option beside the list would apply to none of the issuers.
  const ignored = acceptedIssuerOptionNames.find((name) => options[name] !== undefined);
  if (ignored !== undefined) {
    throw new TypeError(
      `createTokenVerifier has no option '${ignored}' beside issuers: give it to each of the issuers`,
    );
  }
  if (typeof issuers === 'function') return [];
  if (!Array.isArray(issuers) || issuers.length === 0) {
    return refuseOption('issuers', 'a non-empty array of issuers, or a function', issuers);
  }
  const accepts = issuers.map((one: unknown, index) => {
    const option = `issuers[${index}]`;
    return acceptIssuer(checkOptions(option, one, acceptedIssuerOptionNames), `${option}.`);
  });
  const names = accepts.map(({ issuer }) => issuer);
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined) {
    throw new TypeError(`issuers: two entries are for '${duplicate}'; give each issuer one entry`);
  }
  return accepts;
}

/** Checks the options of one issuer and imports its keys. */
export function acceptIssuer(options: Options, prefix = ''): AcceptedIssuer {
  const { issuer, audience, keys: given, algorithms: names, type = 'at+jwt' } = options;
  const algorithms = readAlgorithms(`${prefix}algorithms`, names);
  const read = readVerifierKeys(`${prefix}keys`, given);
  const keys = 'loaded' in read ? read.loaded : read.inMemory;
  if (!isOneAccepted(keys.algorithms, algorithms)) {
    refuseOption(`${prefix}algorithms`, 'a list that has an algorithm of the keys', names);
  }
  return Object.freeze({
    issuer: requireText(`${prefix}issuer`, issuer),
    audience: requireAudience(audience, `${prefix}audience`),
    ...readClaimRules(options, prefix),
    reader: createAccessTokenReader(
      'loaded' in read ? read.loaded : createReplaceableKeys(read.inMemory),
      {
        algorithms,
        type: type === false ? type : requireText(`${prefix}type`, type, 128),
        // The verifier has checked the length against its own maximum.
        maxLength: Number.POSITIVE_INFINITY,
      },
    ),
    revocations: requireRevocations(`${prefix}revocations`, options['revocations']),
  });
}

/** @throws TypeError the revocations of the issuer follow another one already. */
export function startFollowing({ issuer, revocations }: AcceptedIssuer): void {
  revocations?.follower.start(issuer);
}

/** Replaces the keys of an issuer. All new keys are checked, as at construction, before any is replaced. */
export function replaceKeysOf({ issuer, reader }: AcceptedIssuer, keys: unknown): void {
  const { keys: ring, algorithms } = reader;
  if (!isReplaceable(ring)) {
    throw new TypeError(
      `the keys of '${issuer}' are loaded by a key set, so replaceKeys cannot replace them: change them where the set loads them`,
    );
  }
  const replacement = importVerificationKeys(keys);
  if (!isOneAccepted(replacement.algorithms, algorithms)) {
    const names = Array.from(algorithms ?? []).join(', ');
    throw new TypeError(
      `keys: none of them is for an algorithm that is accepted for '${issuer}' (${names}). ` +
        'Give a key for one of these, or name its algorithm in the option algorithms.',
    );
  }
  ring.replace(replacement);
}

// Without one, no token would be accepted.
function isOneAccepted(names: ReadonlySet<string>, accepted?: ReadonlySet<string>): boolean {
  return accepted === undefined || [...names].some((name) => accepted.has(name));
}

function readAlgorithms(option: string, given: unknown): ReadonlySet<string> | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0) {
    return refuseOption(option, 'a non-empty array of algorithms', given);
  }
  return new Set(given.map((name: unknown) => requireOneOf(option, name, allAlgorithms)));
}

function readClaimRules(
  { audienceClaim, subjectClaim, scopeClaim, requiredClaims = {} }: Options,
  prefix: string,
): Partial<ClaimRules> {
  const option = `${prefix}requiredClaims`;
  const nameOf = (which: string, name: unknown) => requireText(`${prefix}${which}`, name, 128);
  if (!isObject(requiredClaims)) return refuseOption(option, 'an object of claims', requiredClaims);
  return {
    ...(audienceClaim !== undefined && { audienceClaim: nameOf('audienceClaim', audienceClaim) }),
    ...(subjectClaim !== undefined && { subjectClaim: nameOf('subjectClaim', subjectClaim) }),
    ...(scopeClaim !== undefined && { scopeClaim: nameOf('scopeClaim', scopeClaim) }),
    requiredClaims: Object.entries(requiredClaims).map(([name, value]) => [
      name,
      isClaimValue(value)
        ? value
        : refuseOption(`${option}.${name}`, 'a string, a number or a boolean', value),
    ]),
  };
}
