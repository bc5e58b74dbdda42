// On the guard journey: whose tokens a verifier takes, meant for whom, of what form and under which keys.

import { createAccessTokenReader, type AccessTokenReader } from '../jwt/access-token.js';
import { algorithms as allAlgorithms, type Algorithm } from '../keys/algorithm.js';
import type { ClaimRules, ClaimValue } from '../jwt/claims.js';
import { createReplaceableKeys, type ReplaceableKeys } from '../keys/replaceable-keys.js';
import { readVerifierKeys, type KeyLookup, type KeySource } from '../keys/key-source.js';
import { importVerificationKeys, type VerificationKeyOptions } from '../keys/keys.js';
import {
  isObject,
  refuseOption,
  requireAudience,
  requireOneOf,
  requireText,
} from '../lib/options.js';

/** An issuer whose tokens are accepted, and how they look. What is left out is as in RFC 9068. */
export interface AcceptedIssuerOptions {
  /** The exact `iss` of accepted tokens. Compared as a string: no pattern, no slash folding. */
  readonly issuer: string;
  /** The exact `aud` of accepted tokens, or several of which one is enough. */
  readonly audience: string | readonly string[];
  /** Keys to verify with, by `kid`: at hand, or a set that is loaded, from `remoteKeySet` for example. */
  readonly keys: readonly VerificationKeyOptions[] | KeySource;
  /** Algorithms that are accepted, where the keys are for more. @defaultValue those of the keys */
  readonly algorithms?: readonly Algorithm[] | undefined;
  /**
   * The media type that `typ` in the header must be, with or without `application/`. `false` takes whatever is there, for
   * issuers that write none: then name a claim in `requiredClaims` that only access tokens have, or an ID token passes for
   * one. @defaultValue `'at+jwt'` @see RFC 9068 §4, RFC 8725 §3.11
   */
  readonly type?: string | false | undefined;
  /** The claim that holds the audience. @defaultValue `'aud'` */
  readonly audienceClaim?: string | undefined;
  /** The claim that holds the scopes, as a string or an array. @defaultValue `'scope'` */
  readonly scopeClaim?: string | undefined;
  /** Claims that must have exactly this value, `{ token_use: 'access' }` for example. @defaultValue none */
  readonly requiredClaims?: Readonly<Record<string, ClaimValue>> | undefined;
}

/** The checked options of one issuer. */
export interface AcceptedIssuer extends ClaimRules {
  /** @internal */
  readonly reader: AccessTokenReader;
  /** @internal The option, where it narrows the algorithms of the keys. */
  readonly algorithms: ReadonlySet<string> | undefined;
}

/** What {@link AcceptedIssuerOptions} takes. */
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

/** Checks the options of an issuer, and imports its keys unless they are loaded. */
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

/** The same from parts that are checked already. */
export function acceptTokens(
  rules: ClaimRules,
  reader: AccessTokenReader,
  algorithms?: ReadonlySet<string>,
): AcceptedIssuer {
  return Object.freeze({ ...rules, reader, algorithms });
}

/**
 * Exchanges the keys of an issuer while they are in use. They are checked as at construction, and all of them before any is
 * replaced.
 */
export function replaceKeysOf(accepted: AcceptedIssuer, keys: unknown): void {
  const { issuer, algorithms } = accepted;
  const ring = accepted.reader.keys;
  if (!isRing(ring)) {
    throw new TypeError(`the keys of '${issuer}' are loaded, so they cannot be replaced by hand`);
  }
  const others = importVerificationKeys(keys);
  if (!hasAcceptedAlgorithm(others, algorithms)) {
    const names = Array.from(algorithms ?? []).join(', ');
    throw new TypeError(
      `keys: none of them is for an algorithm that is accepted for '${issuer}' (${names}). ` +
        'Give a key for one of these, or name its algorithm in the option algorithms.',
    );
  }
  ring.replace(others);
}

// Without one, every token would be refused.
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
