// Checks and imports keys: the options of issuers and verifiers, and published keys. One algorithm per key. RFC 8725 §3.1

import { createPublicKey } from 'node:crypto';

import { attempt } from '../lib/attempt.js';
import { checkOptions, refuseOption, requireOneOf } from '../lib/options.js';
import { algorithms, validateKeyForAlgorithm, type Algorithm } from './algorithm.js';
import { hasPrivateParameters, isJwk, memberThatForbids, type Jwk } from './jwk.js';
import { importKeyPair, requireOneKind } from './key-material.js';
import type { AsymmetricKeyMaterial, KeyKind, KeyPair, SecretMaterial } from './key-material.js';
import { keyStateOptionNames, readKeyState, settleKeyStates } from './key-state.js';
import type { DatedKeyState, KeyStateOptions } from './key-state.js';
import { jwkThumbprint } from './thumbprint.js';

interface KeyIdOptions extends KeyStateOptions {
  /**
   * Key ID in the header of every token that the key signs. 1 to 256 characters, compared exactly; no two keys share one.
   * If both the option and the JWK have a `kid`, they must be equal.
   * @defaultValue the `kid` of the JWK; for a single key without one, its thumbprint ({@link keyThumbprint}, RFC 7638).
   * With several keys, each must have a `kid`.
   */
  readonly kid?: string | undefined;
}

interface WithAlgorithm extends KeyIdOptions {
  /** The only algorithm that the key is used with. The `alg` of a JWK must be equal. */
  readonly algorithm: Algorithm;
}

interface WithJwkAlgorithm extends KeyIdOptions {
  /** The only algorithm that the key is used with. @defaultValue the `alg` of the JWK, which must be equal if both are given */
  readonly algorithm?: Algorithm | undefined;
}

/** A JWK with an `alg`. Its `use` and `key_ops`, if present, must allow the operation that it is given for. */
export type JwkWithAlgorithm = Jwk & { readonly alg: string };

/** A key that only verifies. */
export type PublicKeyOptions =
  | (WithAlgorithm & { readonly publicKey: AsymmetricKeyMaterial })
  | (WithJwkAlgorithm & { readonly publicKey: JwkWithAlgorithm });

/** A private key: signs, and verifies with its public key. */
export type PrivateKeyOptions =
  | (WithAlgorithm & { readonly privateKey: AsymmetricKeyMaterial })
  | (WithJwkAlgorithm & { readonly privateKey: JwkWithAlgorithm });

/** A secret that signs and verifies. Every service that verifies with it can also sign. */
export type SecretKeyOptions =
  | (WithAlgorithm & { readonly secret: SecretMaterial })
  | (WithJwkAlgorithm & { readonly secret: JwkWithAlgorithm });

/** A key to verify with. */
export type VerificationKeyOptions = PublicKeyOptions | SecretKeyOptions;

/** A key to sign and verify with. */
export type SigningKeyOptions = PrivateKeyOptions | SecretKeyOptions;

/** A key that was checked and imported. */
export interface ImportedKey extends KeyPair, DatedKeyState {
  readonly kid: string;
  readonly algorithm: Algorithm;
}

/** Imported keys by exact `kid`. */
export interface KeySet {
  readonly byKid: ReadonlyMap<string, ImportedKey>;
  readonly algorithms: ReadonlySet<string>;
}

/** The imported keys of an issuer. */
export interface SigningKeySet extends KeySet {
  readonly signingKey: ImportedKey;
}

/** Imports one key of a verifier. Refuses a private key. @param isOnly - without a `kid`, its thumbprint is one. */
export function importVerificationKey(option: string, key: unknown, isOnly: boolean): ImportedKey {
  return importKey(option, key, ['publicKey', 'secret'], isOnly);
}

/** Imports the keys of an issuer. A key that had the same state among the keys `before` keeps its `since`. */
export function importSigningKeys(keys: unknown, now: number, before?: KeySet): SigningKeySet {
  if (!Array.isArray(keys) || keys.length === 0) {
    return refuseOption('keys', 'a non-empty array of keys');
  }
  const given = keys.map((key: unknown, index) =>
    importKey(`keys[${index}]`, key, ['privateKey', 'secret', 'publicKey'], keys.length === 1),
  );
  requireOwnKids(given);
  const settled = settleKeyStates('keys', given, now, ({ kid }) => before?.byKid.get(kid));
  if (settled.current.signingKey === undefined) {
    const index = settled.keys.indexOf(settled.current);
    throw new TypeError(
      `keys[${index}] is the current key, which signs: give its privateKey, or a secret that may sign`,
    );
  }
  return { ...toKeySet(settled.keys), signingKey: settled.current };
}

function requireOwnKids(keys: readonly ImportedKey[]): void {
  const kids = keys.map((key) => key.kid);
  const duplicate = kids.find((kid, index) => kids.indexOf(kid) !== index);
  if (duplicate !== undefined) {
    throw new TypeError(`keys: two keys have the kid '${duplicate}'; give each its own`);
  }
}

/** Keys by `kid`. @throws TypeError two keys share one. */
export function toKeySet(keys: readonly ImportedKey[]): KeySet {
  requireOwnKids(keys);
  return {
    byKid: new Map(keys.map((key) => [key.kid, key])),
    algorithms: new Set(keys.map((key) => key.algorithm)),
  };
}

type Options = Readonly<Record<string, unknown>>;

function importKey(
  option: string,
  given: unknown,
  kinds: readonly KeyKind[],
  isOnly: boolean,
): ImportedKey {
  const names = ['kid', 'algorithm', 'publicKey', 'privateKey', 'secret', ...keyStateOptionNames];
  const key = checkOptions(option, given, names);
  if (key['privateKey'] !== undefined && !kinds.includes('privateKey')) {
    throw new TypeError(
      `${option}.privateKey: a verifier must not have a private key; give its publicKey`,
    );
  }
  const kind = requireOneKind(option, key, kinds);
  const place = `${option}.${kind}`;
  const material = key[kind];
  const jwk: Options = isJwk(material) ? material : {};
  const algorithm = readAlgorithm(option, key['algorithm'], place, jwk['alg']);
  const operation = kind === 'privateKey' ? 'sign' : 'verify';
  const forbids = memberThatForbids(jwk, operation);
  if (forbids === 'use') refuseOption(`${place}.use`, `'sig'`);
  if (forbids === 'key_ops') refuseOption(`${place}.key_ops`, `an array that has '${operation}'`);
  const pair = importKeyPair(place, kind, material, algorithm);
  const kid =
    readKid(option, key['kid'], place, jwk['kid']) ??
    // Safe for a secret too: its hash lets an attacker test guesses, but so does any token.
    (isOnly ? jwkThumbprint(pair.verificationKey) : undefined);
  if (kid === undefined) {
    throw new TypeError(`${option}.kid is missing: with several keys, each must have its own kid`);
  }
  return { kid, algorithm, ...pair, ...readKeyState(option, key) };
}

function readAlgorithm(option: string, given: unknown, place: string, alg: unknown): Algorithm {
  if (alg === undefined) return requireOneOf(`${option}.algorithm`, given, algorithms);
  const own = requireOneOf(`${place}.alg`, alg, algorithms);
  if (given === undefined || requireOneOf(`${option}.algorithm`, given, algorithms) === own) {
    return own;
  }
  throw new TypeError(
    `${place}.alg is '${own}', which differs from ${option}.algorithm. Remove one of them, or make them equal.`,
  );
}

function readKid(option: string, given: unknown, place: string, own: unknown): string | undefined {
  const kid = given === undefined ? undefined : requireKid(`${option}.kid`, given);
  if (own === undefined) return kid;
  const ownKid = requireKid(`${place}.kid`, own);
  if (kid === undefined || kid === ownKid) return ownKid;
  throw new TypeError(
    `${place}.kid differs from ${option}.kid. Remove one of them, or make them equal.`,
  );
}

// The value is not in the message: it may be the secret, one line too high.
function requireKid(option: string, kid: unknown): string {
  return isKeyId(kid) ? kid : refuseOption(option, 'a non-empty string of at most 256 characters');
}

function isKeyId(kid: unknown): kid is string {
  return typeof kid === 'string' && kid !== '' && kid.length <= 256;
}

/**
 * Imports one key of a published key set; `undefined` if it cannot be used. Never throws.
 *
 * @param allowed - algorithms that may be used. A key without `alg` is for the first of them that fits it.
 * @returns a key without `kid` has its thumbprint as one: it verifies tokens that name no key.
 */
export function importJwk(jwk: unknown, allowed: readonly Algorithm[]): ImportedKey | undefined {
  if (!isJwk(jwk) || hasPrivateParameters(jwk)) return undefined;
  if (memberThatForbids(jwk, 'verify') !== undefined) return undefined;
  const key: Options = jwk;
  const { kid, alg } = jwk;
  const verificationKey = attempt(() => createPublicKey({ key, format: 'jwk' }));
  if ((kid !== undefined && !isKeyId(kid)) || verificationKey === undefined) return undefined;
  const algorithm = allowed.find(
    (name) =>
      (alg === undefined || alg === name) &&
      validateKeyForAlgorithm(name, verificationKey) === undefined,
  );
  if (algorithm === undefined) return undefined;
  const absent = { signingKey: undefined, state: undefined, since: undefined };
  return { kid: kid ?? jwkThumbprint(verificationKey), algorithm, verificationKey, ...absent };
}

/** Writes a public key for our own key set. RFC 7517 §4 */
export function toPublicJwk({ kid, algorithm, verificationKey }: ImportedKey): Jwk {
  return { ...verificationKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' };
}
