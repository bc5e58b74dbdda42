// Leaf of every journey: key material to checked, imported keys, one algorithm each. RFC 8725 §3.1

import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';
import type { JsonWebKey } from 'node:crypto';

import { checkOptions, isObject, refuseOption, requireOneOf, requireText } from './options.js';

/** Signature algorithms of RFC 7518 §3.1. `none` is not among them, so it cannot be written. */
export type Algorithm =
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512';

/** An asymmetric key: PEM as text or bytes, a JWK, or a `KeyObject`. */
export type AsymmetricKeyMaterial = string | Uint8Array | JsonWebKey | KeyObject;

/** A shared secret: text (its UTF-8 bytes count), bytes, or a `KeyObject`. At least as long as the hash. RFC 7518 §3.2 */
export type SecretMaterial = string | Uint8Array | KeyObject;

interface KeyName {
  /** Names the key in the header of every token that it signs. Exact; no two keys share one. */
  readonly kid: string;
  /** The one algorithm that this key is for. */
  readonly algorithm: Algorithm;
}

export interface PublicKeyOptions extends KeyName {
  readonly publicKey: AsymmetricKeyMaterial;
}

export interface PrivateKeyOptions extends KeyName {
  readonly privateKey: AsymmetricKeyMaterial;
}

export interface SecretKeyOptions extends KeyName {
  readonly secret: SecretMaterial;
}

/** A key to verify with. */
export type VerificationKeyOptions = PublicKeyOptions | SecretKeyOptions;

/** A key to sign and verify with. */
export type SigningKeyOptions = PrivateKeyOptions | SecretKeyOptions;

/** A key as the journeys use it: imported and checked once, at construction. */
export interface ImportedKey {
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

const algorithms: readonly Algorithm[] = (['HS', 'RS', 'PS', 'ES'] as const).flatMap((family) =>
  (['256', '384', '512'] as const).map((bits) => `${family}${bits}` as const),
);

const curves: Readonly<Partial<Record<Algorithm, string>>> = {
  ES256: 'prime256v1',
  ES384: 'secp384r1',
  ES512: 'secp521r1',
};

/** Imports the keys of a service that only verifies: it is refused any key that could sign for others. */
export function importVerificationKeys(keys: unknown): KeySet {
  return toKeySet(
    importEach(keys, (option, key) => {
      if (key['privateKey'] !== undefined) {
        throw new TypeError(
          `${option}.privateKey: a verifier holds no private key; give publicKey`,
        );
      }
      return importKey(option, key, ['publicKey', 'secret']);
    }),
  );
}

/** Imports the keys of a service that issues. The first signs; the rest still verify. */
export function importSigningKeys(keys: unknown): SigningKeySet {
  const imported = importEach(keys, (option, key) =>
    importKey(option, key, ['privateKey', 'secret', 'publicKey']),
  );
  const [first] = imported;
  if (first?.signingKey === undefined) {
    throw new TypeError('keys[0] must have a privateKey or a secret: the first key signs');
  }
  return { ...toKeySet(imported), signingKey: first };
}

/** Imports a shared secret of at least `minBytes`; refuses what is really a key of another kind. */
export function importSecret(option: string, material: unknown, minBytes: number): KeyObject {
  const bytes = secretBytes(option, material);
  if (looksLikeKey(bytes)) {
    throw new TypeError(`${option} is the text or the bytes of a key, which is not a secret`);
  }
  if (bytes.length < minBytes) {
    throw new TypeError(`${option} must have at least ${minBytes} bytes; it has ${bytes.length}`);
  }
  return createSecretKey(bytes);
}

function importEach(
  keys: unknown,
  importOne: (option: string, key: Readonly<Record<string, unknown>>) => ImportedKey,
): ImportedKey[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    return refuseOption('keys', 'a non-empty array of keys');
  }
  const imported = keys.map((key: unknown, index) => {
    const option = `keys[${index}]`;
    const names = ['kid', 'algorithm', 'publicKey', 'privateKey', 'secret'];
    return importOne(option, checkOptions(option, key, names));
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
  key: Readonly<Record<string, unknown>>,
  kinds: readonly ('publicKey' | 'privateKey' | 'secret')[],
): ImportedKey {
  const kid = requireText(`${option}.kid`, key['kid'], 256);
  const algorithm = requireOneOf(`${option}.algorithm`, key['algorithm'], algorithms);
  const given = kinds.filter((kind) => key[kind] !== undefined);
  if (given.length !== 1) throw new TypeError(`${option} must have one of ${kinds.join(', ')}`);
  const [kind] = given;
  if ((kind === 'secret') !== algorithm.startsWith('HS')) {
    throw new TypeError(`${option}: ${algorithm} is not used with a ${kind}`);
  }
  if (kind === 'secret') {
    const secret = importSecret(`${option}.secret`, key[kind], Number(algorithm.slice(2)) / 8);
    return { kid, algorithm, verificationKey: secret, signingKey: secret };
  }
  if (kind === 'privateKey') {
    const signingKey = importPrivateKey(`${option}.privateKey`, key[kind]);
    const verificationKey = createPublicKey(signingKey);
    requireFit(`${option}.privateKey`, algorithm, verificationKey);
    return { kid, algorithm, verificationKey, signingKey };
  }
  const verificationKey = importPublicKey(`${option}.publicKey`, key['publicKey']);
  requireFit(`${option}.publicKey`, algorithm, verificationKey);
  return { kid, algorithm, verificationKey, signingKey: undefined };
}

function importPrivateKey(option: string, material: unknown): KeyObject {
  if (material instanceof KeyObject) {
    return material.type === 'private' ? material : refuseKey(option, `a ${material.type} key`);
  }
  if (isJwk(material)) {
    if (material['d'] === undefined) refuseKey(option, 'a JWK without its private part');
    return attempt(option, () => createPrivateKey({ key: material, format: 'jwk' }));
  }
  const pem = pemText(option, material);
  if (!pem.includes('PRIVATE KEY-----')) refuseKey(option, 'no private key');
  return attempt(option, () => createPrivateKey(pem));
}

function importPublicKey(option: string, material: unknown): KeyObject {
  if (material instanceof KeyObject) {
    return material.type === 'public' ? material : refuseKey(option, `a ${material.type} key`);
  }
  if (isJwk(material)) {
    if (material['d'] !== undefined) refuseKey(option, 'a private key');
    return attempt(option, () => createPublicKey({ key: material, format: 'jwk' }));
  }
  const pem = pemText(option, material);
  // Node would quietly take the public half; who holds a private key here has configured the wrong file.
  if (pem.includes('PRIVATE KEY-----')) refuseKey(option, 'a private key');
  return attempt(option, () => createPublicKey(pem));
}

/** The key is of the kind, the size and the curve that the algorithm names. RFC 7518 §3.3 to §3.5 */
function requireFit(option: string, algorithm: Algorithm, key: KeyObject): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = key;
  const curve = curves[algorithm];
  if (curve !== undefined) {
    if (type !== 'ec' || details.namedCurve !== curve) {
      throw new TypeError(`${option}: ${algorithm} needs an EC key on the curve ${curve}`);
    }
    return;
  }
  // Not `rsa-pss`, for PS algorithms neither: such a key cannot be written as a JWK, so nobody else could verify.
  if (type !== 'rsa') throw new TypeError(`${option}: ${algorithm} needs a key of type rsa`);
  if ((details.modulusLength ?? 0) < 2_048) {
    throw new TypeError(`${option}: an RSA key must have at least 2048 bits`);
  }
}

function secretBytes(option: string, material: unknown): Buffer {
  if (typeof material === 'string') return Buffer.from(material, 'utf8');
  if (material instanceof Uint8Array) return Buffer.from(material);
  if (material instanceof KeyObject && material.type === 'secret') return material.export();
  return refuseOption(option, 'text, bytes or a KeyObject of type secret');
}

// A public key is no secret, so taken for one it would let anybody sign. RFC 8725 §2.1
function looksLikeKey(bytes: Buffer): boolean {
  const text = bytes.toString('latin1').trim();
  return (
    text.includes('-----BEGIN') ||
    /^(ssh|ecdsa|sk)-[a-z0-9@.-]+ /.test(text) ||
    (text.startsWith('{') && text.includes('"kty"')) ||
    isDerPublicKey(bytes) ||
    // The body of a PEM file that has lost its first and last line.
    (text.startsWith('MI') && isDerPublicKey(Buffer.from(text, 'base64')))
  );
}

function isDerPublicKey(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30) return false;
  return (['spki', 'pkcs1'] as const).some((type) => {
    try {
      createPublicKey({ key: bytes, format: 'der', type });
      return true;
    } catch {
      return false;
    }
  });
}

function isJwk(material: unknown): material is JsonWebKey & Record<string, unknown> {
  return isObject(material) && !(material instanceof Uint8Array) && 'kty' in material;
}

function pemText(option: string, material: unknown): string {
  const text = material instanceof Uint8Array ? Buffer.from(material).toString('latin1') : material;
  if (typeof text !== 'string' || !text.includes('-----BEGIN')) {
    return refuseOption(option, 'a key as PEM, JWK or KeyObject');
  }
  return text;
}

// Node's own error may describe the material, so it is not passed on.
function attempt(option: string, importIt: () => KeyObject): KeyObject {
  try {
    return importIt();
  } catch {
    return refuseKey(option, 'no key that can be read (an encrypted one must come as a KeyObject)');
  }
}

function refuseKey(option: string, whatItIs: string): never {
  throw new TypeError(`${option} is ${whatItIs}`);
}
