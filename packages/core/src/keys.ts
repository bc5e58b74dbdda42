// Leaf of every journey: key options to checked, imported keys, one algorithm each. RFC 8725 §3.1

import { createPublicKey, sign, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

import { algorithms, misfit, secretLength, type Algorithm } from './algorithm.js';
import { isJwk, memberAgainst } from './jwk-members.js';
import {
  importPrivateKey,
  importPublicKey,
  importSecret,
  type AsymmetricKeyMaterial,
  type SecretMaterial,
} from './key-material.js';
import {
  datedFrom,
  keyStateOptionNames,
  readKeyState,
  settleKeyStates,
  type KeyStanding,
  type KeyStateOptions,
} from './key-state.js';
import { checkOptions, refuseOption, requireOneOf, requireText } from './options.js';
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
export type JwkWithAlgorithm = JsonWebKey & { readonly alg: string };

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
export interface ImportedKey extends KeyStanding {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly verificationKey: KeyObject;
  /** Absent from a key that only verifies. */
  readonly signingKey: KeyObject | undefined;
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

type Kind = 'publicKey' | 'privateKey' | 'secret';
type Options = Readonly<Record<string, unknown>>;

function importEach(
  keys: unknown,
  kinds: readonly Kind[],
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
  kinds: readonly Kind[],
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
  const minBytes = secretLength(algorithm);
  if ((kind === 'secret') !== (minBytes !== undefined)) {
    throw new TypeError(`${option}: ${algorithm} is not used with a ${kind}`);
  }
  requireUse(place, jwk, kind === 'privateKey' ? 'sign' : 'verify');
  const pair =
    minBytes === undefined
      ? importPair(place, kind, material, algorithm)
      : importShared(place, material, minBytes);
  const kid =
    readKid(option, key['kid'], place, jwk['kid']) ??
    (isOnly ? jwkThumbprint(pair.verificationKey) : undefined);
  if (kid === undefined) {
    throw new TypeError(`${option}.kid is missing: of several keys each has one of its own`);
  }
  return { kid, algorithm, ...pair, ...readKeyState(option, key) };
}

type KeyPair = Pick<ImportedKey, 'verificationKey' | 'signingKey'>;

function importShared(place: string, material: unknown, minBytes: number): KeyPair {
  const secret = importSecret(place, material, minBytes);
  // A JWK may be for verifying alone.
  const canSign = !isJwk(material) || memberAgainst(material, 'sign') === undefined;
  return { verificationKey: secret, signingKey: canSign ? secret : undefined };
}

function importPair(place: string, kind: Kind, material: unknown, algorithm: Algorithm): KeyPair {
  const signingKey = kind === 'privateKey' ? importPrivateKey(place, material) : undefined;
  const verificationKey =
    signingKey === undefined ? importPublicKey(place, material) : createPublicKey(signingKey);
  const lack = misfit(algorithm, verificationKey);
  if (lack !== undefined) throw new TypeError(`${place}: ${lack}`);
  if (signingKey !== undefined && !belongTogether(signingKey, verificationKey)) {
    throw new TypeError(`${place}: its private and its public part are not of one key`);
  }
  return { verificationKey, signingKey };
}

// Node does not compare them, and nobody could verify what such a key signs.
function belongTogether(privateKey: KeyObject, publicKey: KeyObject): boolean {
  const hash = publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const text = Buffer.from('tokenpair');
  try {
    return verify(hash, text, publicKey, sign(hash, text, privateKey));
  } catch {
    return false;
  }
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
  const kid = given === undefined ? undefined : requireText(`${option}.kid`, given, 256);
  if (own === undefined) return kid;
  const ownKid = requireText(`${place}.kid`, own, 256);
  if (kid !== undefined && kid !== ownKid) {
    throw new TypeError(`${place}.kid is not the kid beside it`);
  }
  return ownKid;
}
