// Leaf of every journey: key options to checked, imported keys, one algorithm each. RFC 8725 §3.1

import { algorithms, type Algorithm } from './algorithm.js';
import { isJwk, memberAgainst, type Jwk } from './jwk-members.js';
import type { AsymmetricKeyMaterial, SecretMaterial } from './key-material.js';
import { importKeyPair, type KeyKind, type KeyPair } from './key-pair.js';
import {
  datedFrom,
  keyStateOptionNames,
  readKeyState,
  settleKeyStates,
  type KeyStanding,
  type KeyStateOptions,
} from './key-state.js';
import { checkOptions, refuseOption, requireOneOf } from '../lib/options.js';
import { jwkThumbprint } from './thumbprint.js';

interface KeyLabel extends KeyStateOptions {
  /**
   * Names the key in the header of every token that it signs. Exact, at most 256 characters; no two keys share one.
   * @defaultValue the `kid` of a JWK, which must be the same where both are given; for a single key without either, its
   * thumbprint ({@link keyThumbprint}, RFC 7638). Several keys each need one.
   */
  readonly kid?: string | undefined;
}

interface WithAlgorithm extends KeyLabel {
  /** The one algorithm that this key is for. A JWK whose `alg` is another is refused. */
  readonly algorithm: Algorithm;
}

interface WithJwkAlgorithm extends KeyLabel {
  /** @defaultValue the `alg` of the JWK, which must be the same where both are given */
  readonly algorithm?: Algorithm | undefined;
}

/** A JWK that says itself which algorithm it is for. Its `use` and `key_ops`, if any, must allow what it is given for. */
export type JwkWithAlgorithm = Jwk & { readonly alg: string };

/** A key that only verifies. */
export type PublicKeyOptions =
  | (WithAlgorithm & { readonly publicKey: AsymmetricKeyMaterial })
  | (WithJwkAlgorithm & { readonly publicKey: JwkWithAlgorithm });

/** A key that signs, and verifies with its public half. */
export type PrivateKeyOptions =
  | (WithAlgorithm & { readonly privateKey: AsymmetricKeyMaterial })
  | (WithJwkAlgorithm & { readonly privateKey: JwkWithAlgorithm });

/** A secret that signs and verifies. Whoever can verify with it can sign. */
export type SecretKeyOptions =
  | (WithAlgorithm & { readonly secret: SecretMaterial })
  | (WithJwkAlgorithm & { readonly secret: JwkWithAlgorithm });

/** A key to verify with. */
export type VerificationKeyOptions = PublicKeyOptions | SecretKeyOptions;

/** A key to sign and verify with. */
export type SigningKeyOptions = PrivateKeyOptions | SecretKeyOptions;

/** A key as the journeys use it: imported and checked once, at construction. */
export interface ImportedKey extends KeyPair, KeyStanding {
  readonly kid: string;
  readonly algorithm: Algorithm;
}

/** The keys of one verifier, looked up by exact `kid`. */
export interface KeySet {
  readonly byKid: ReadonlyMap<string, ImportedKey>;
  /** Every algorithm that some key is for: what is not here is refused before a key is looked for. */
  readonly algorithms: ReadonlySet<string>;
}

/** The keys of an issuer. */
export interface SigningKeySet extends KeySet {
  readonly signingKey: ImportedKey;
}

/** Imports the keys of a service that only verifies: it is refused any key that could sign for others. */
export function importVerificationKeys(keys: unknown): KeySet {
  return toKeySet(
    importEach(keys, ['publicKey', 'secret'], (option, key) => {
      if (key['privateKey'] !== undefined) {
        throw new TypeError(
          `${option}.privateKey: a verifier holds no private key; give publicKey`,
        );
      }
    }),
  );
}

/**
 * Imports the keys of a service that issues. The current key signs: the first, where no states are given.
 *
 * @param now - milliseconds; since when a key is in its state, unless it says so or was so among the keys `before`.
 */
export function importSigningKeys(keys: unknown, now: number, before?: KeySet): SigningKeySet {
  const given = importEach(keys, ['privateKey', 'secret', 'publicKey']);
  const settled = settleKeyStates('keys', given);
  const imported = datedFrom(now, settled, ({ kid }) => before?.byKid.get(kid));
  const index = imported.findIndex(({ state }) => state === 'current');
  const current = imported[index];
  if (current?.signingKey === undefined) {
    throw new TypeError(
      `keys[${index}] must have a privateKey, or a secret that may sign: it is the key that signs`,
    );
  }
  return { ...toKeySet(imported), signingKey: current };
}

type Options = Readonly<Record<string, unknown>>;

function importEach(
  keys: unknown,
  kinds: readonly KeyKind[],
  check?: (option: string, key: Options) => void,
): ImportedKey[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    return refuseOption('keys', 'a non-empty array of keys');
  }
  const imported = keys.map((given: unknown, index) => {
    const option = `keys[${index}]`;
    const names = ['kid', 'algorithm', 'publicKey', 'privateKey', 'secret', ...keyStateOptionNames];
    const key = checkOptions(option, given, names);
    check?.(option, key);
    return importKey(option, key, kinds, keys.length === 1);
  });
  const kids = imported.map((key) => key.kid);
  const twice = kids.find((kid, index) => kids.indexOf(kid) !== index);
  if (twice !== undefined) {
    throw new TypeError(`keys: two keys have the kid '${twice}'; a kid names one key`);
  }
  return imported;
}

function toKeySet(keys: readonly ImportedKey[]): KeySet {
  return {
    byKid: new Map(keys.map((key) => [key.kid, key])),
    algorithms: new Set(keys.map((key) => key.algorithm)),
  };
}

function importKey(
  option: string,
  key: Options,
  kinds: readonly KeyKind[],
  isOnly: boolean,
): ImportedKey {
  const [kind, ...more] = kinds.filter((one) => key[one] !== undefined);
  if (kind === undefined || more.length > 0) {
    throw new TypeError(`${option} must have one of ${kinds.join(', ')}`);
  }
  const place = `${option}.${kind}`;
  const material = key[kind];
  const jwk: Options = isJwk(material) ? material : {};
  const algorithm = readAlgorithm(option, key['algorithm'], place, jwk['alg']);
  requireUse(place, jwk, kind === 'privateKey' ? 'sign' : 'verify');
  const pair = importKeyPair(place, kind, material, algorithm);
  const kid =
    readKid(option, key['kid'], place, jwk['kid']) ??
    // Of a secret too: with its hash nobody can test a guess that he could not test with a token.
    (isOnly ? jwkThumbprint(pair.verificationKey) : undefined);
  if (kid === undefined) {
    throw new TypeError(`${option}.kid is missing: of several keys each has one of its own`);
  }
  return { kid, algorithm, ...pair, ...readKeyState(option, key) };
}

function readAlgorithm(option: string, given: unknown, place: string, alg: unknown): Algorithm {
  if (alg === undefined) return requireOneOf(`${option}.algorithm`, given, algorithms);
  const own = requireOneOf(`${place}.alg`, alg, algorithms);
  if (given !== undefined && given !== own) {
    requireOneOf(`${option}.algorithm`, given, algorithms);
    throw new TypeError(`${place}.alg is '${own}', which is not the algorithm beside it`);
  }
  return own;
}

function requireUse(place: string, jwk: Options, operation: 'sign' | 'verify'): void {
  const against = memberAgainst(jwk, operation);
  if (against === 'use') refuseOption(`${place}.use`, `'sig'`);
  if (against === 'key_ops') refuseOption(`${place}.key_ops`, `an array that has '${operation}'`);
}

function readKid(option: string, given: unknown, place: string, own: unknown): string | undefined {
  const kid = given === undefined ? undefined : requireKid(`${option}.kid`, given);
  if (own === undefined) return kid;
  const ownKid = requireKid(`${place}.kid`, own);
  if (kid !== undefined && kid !== ownKid) {
    throw new TypeError(`${place}.kid is not the kid beside it`);
  }
  return ownKid;
}

// Not what came instead: it may be the secret, one line too high.
function requireKid(option: string, kid: unknown): string {
  return typeof kid === 'string' && kid !== '' && kid.length <= 256
    ? kid
    : refuseOption(option, 'a non-empty string of at most 256 characters');
}
