// The issuers that a verifier accepts: name, audience, keys and form of their tokens. RFC 9068 §4, RFC 8725 §3

import { createAccessTokenReader, type AccessTokenReader } from '../jwt/access-token.js';
import { algorithms as allAlgorithms, type Algorithm } from '../keys/algorithm.js';
import type { ClaimRules, ClaimValue } from '../jwt/claims.js';
import { createReplaceableKeys, readVerifierKeys } from '../keys/key-source.js';
import type { KeyLookup, KeySource, ReplaceableKeys } from '../keys/key-source.js';
import { importVerificationKeys, type VerificationKeyOptions } from '../keys/keys.js';
import {
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
  /** Keys to verify with, found by `kid`: an array, or a set that is loaded, made by {@link remoteKeySet} for example. */
  readonly keys: readonly VerificationKeyOptions[] | KeySource;
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
  /** The claim with the scopes: a string or an array. @defaultValue `'scope'` */
  readonly scopeClaim?: string | undefined;
  /** Claims that must equal these values, for example `{ token_use: 'access' }`. @defaultValue none */
  readonly requiredClaims?: Readonly<Record<string, ClaimValue>> | undefined;
}

/** The checked options of one issuer. */
export interface AcceptedIssuer extends ClaimRules {
  /** @internal */
  readonly reader: AccessTokenReader;
  /** @internal The option `algorithms`. */
  readonly algorithms: ReadonlySet<string> | undefined;
}

/** The members of {@link AcceptedIssuerOptions}. */
export const acceptedIssuerOptionNames: readonly string[] = [
  'issuer',
  'audience',
  'keys',
  'algorithms',
  'type',
  'audienceClaim',
  'scopeClaim',
  'requiredClaims',
];

/** Checks the options of an issuer, and imports its keys if they are an array. */
export function acceptIssuer(
  { issuer, audience, keys, algorithms, type, ...claims }: AcceptedIssuerOptions,
  prefix = '',
): AcceptedIssuer {
  const accepted = readAlgorithms(`${prefix}algorithms`, algorithms);
  const given = readVerifierKeys(`${prefix}keys`, keys);
  if (!hasAcceptedAlgorithm(given, accepted)) {
    refuseOption(`${prefix}algorithms`, 'a list that has an algorithm of the keys', algorithms);
  }
  return acceptTokens(
    {
      issuer: requireText(`${prefix}issuer`, issuer),
      audience: requireAudience(audience, `${prefix}audience`),
      ...readClaimRules(claims, prefix),
    },
    createAccessTokenReader('byKid' in given ? createReplaceableKeys(given) : given, {
      algorithms: accepted,
      type: readType(`${prefix}type`, type),
    }),
    accepted,
  );
}

/** Makes an accepted issuer from parts that were checked before. */
export function acceptTokens(
  rules: ClaimRules,
  reader: AccessTokenReader,
  algorithms?: ReadonlySet<string>,
): AcceptedIssuer {
  return Object.freeze({ ...rules, reader, algorithms });
}

/** Replaces the keys of an issuer while they are in use. All new keys are checked, as at construction, before any is replaced. */
export function replaceKeysOf(accepted: AcceptedIssuer, keys: unknown): void {
  const { issuer, algorithms } = accepted;
  const ring = accepted.reader.keys;
  if (!isRing(ring)) {
    throw new TypeError(
      `the keys of '${issuer}' are loaded by a key set, so replaceKeys cannot replace them: change them where the set loads them`,
    );
  }
  const replacement = importVerificationKeys(keys);
  if (!hasAcceptedAlgorithm(replacement, algorithms)) {
    const names = Array.from(algorithms ?? []).join(', ');
    throw new TypeError(
      `keys: none of them is for an algorithm that is accepted for '${issuer}' (${names}). ` +
        'Give a key for one of these, or name its algorithm in the option algorithms.',
    );
  }
  ring.replace(replacement);
}

// Without one, no token would be accepted.
function hasAcceptedAlgorithm(
  keys: Pick<KeyLookup, 'algorithms'>,
  accepted: ReadonlySet<string> | undefined,
): boolean {
  return accepted === undefined || [...keys.algorithms].some((name) => accepted.has(name));
}

function isRing(keys: KeyLookup): keys is ReplaceableKeys {
  return 'replace' in keys;
}

function readAlgorithms(option: string, given: unknown): ReadonlySet<string> | undefined {
  if (given === undefined) return undefined;
  if (!Array.isArray(given) || given.length === 0) {
    return refuseOption(option, 'a non-empty array of algorithms', given);
  }
  return new Set(given.map((name: unknown) => requireOneOf(option, name, allAlgorithms)));
}

function readType(option: string, type: unknown = 'at+jwt'): string | false {
  return type === false ? false : requireText(option, type, 128);
}

function readClaimRules(
  { audienceClaim, scopeClaim, requiredClaims = {} }: Partial<AcceptedIssuerOptions>,
  prefix: string,
): Partial<ClaimRules> {
  if (audienceClaim !== undefined) requireText(`${prefix}audienceClaim`, audienceClaim, 128);
  if (scopeClaim !== undefined) requireText(`${prefix}scopeClaim`, scopeClaim, 128);
  const option = `${prefix}requiredClaims`;
  if (!isObject(requiredClaims)) refuseOption(option, 'an object of claims', requiredClaims);
  for (const [name, value] of Object.entries(requiredClaims)) {
    if (!['string', 'number', 'boolean'].includes(typeof value)) {
      refuseOption(`${option}.${name}`, 'a string, a number or a boolean', value);
    }
  }
  return {
    ...(audienceClaim !== undefined && { audienceClaim }),
    ...(scopeClaim !== undefined && { scopeClaim }),
    requiredClaims: Object.entries(requiredClaims),
  };
}
