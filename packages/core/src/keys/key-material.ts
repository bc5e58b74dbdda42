// Leaf of every journey: key material in any of its forms to a KeyObject of the kind that is wanted.

import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';

import { isBase64url } from '../lib/base64url.js';
import { isForOwner, isJwk, type Jwk } from './jwk-members.js';
import { checkOptions, isObject, refuseOption } from '../lib/options.js';

/**
 * A public or a private key: PEM as text or bytes, DER as bytes (SPKI, PKCS#8, PKCS#1, SEC1), a JWK, or a `KeyObject`.
 * An encrypted one must come as a `KeyObject`.
 */
export type AsymmetricKeyMaterial = string | Uint8Array | Jwk | KeyObject;

/**
 * A shared secret, at least as long as the hash (RFC 7518 §3.2): bytes; text, of which the UTF-8 bytes count; base64url
 * as `{ base64url: '…' }` or as a JWK of type `oct`; or a `KeyObject`. Plain text is never decoded, whatever it looks like.
 */
export type SecretMaterial = string | Uint8Array | { readonly base64url: string } | Jwk | KeyObject;

/** Imports a public key; refuses a private one, of which Node would quietly take the public half. */
export function importPublicKey(option: string, material: unknown): KeyObject {
  const key = readKey(option, material);
  return key.type === 'public' ? key : refuseKey(option, `a ${key.type} key`);
}

/** Imports a private key. */
export function importPrivateKey(option: string, material: unknown): KeyObject {
  const key = readKey(option, material);
  return key.type === 'private' ? key : refuseKey(option, `a ${key.type} key`);
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

function readKey(option: string, material: unknown): KeyObject {
  if (material instanceof KeyObject) return material;
  if (isJwk(material)) {
    if (material.kty === 'oct') return refuseKey(option, 'a secret key');
    // `{ ...jwk, d: undefined }` is how a private part is left out.
    const members = Object.entries(material).filter(([, value]) => value !== undefined);
    const key: Record<string, unknown> = Object.fromEntries(members);
    const create = isForOwner(key) ? createPrivateKey : createPublicKey;
    return readable(option, () => create({ key, format: 'jwk' }));
  }
  const bytes = material instanceof Uint8Array ? Buffer.from(material) : undefined;
  const text = bytes === undefined ? material : bytes.toString('latin1');
  if (typeof text === 'string' && text.includes('-----BEGIN')) {
    const create = text.includes('PRIVATE KEY-----') ? createPrivateKey : createPublicKey;
    return readable(option, () => create(text));
  }
  if (bytes === undefined) return refuseOption(option, 'a key as PEM, DER, JWK or KeyObject');
  return readDer(bytes) ?? refuseKey(option, unreadable);
}

function secretBytes(option: string, material: unknown): Buffer {
  if (typeof material === 'string') return Buffer.from(material, 'utf8');
  if (material instanceof Uint8Array) return Buffer.from(material);
  if (material instanceof KeyObject) {
    if (material.type === 'secret') return material.export();
  } else if (isJwk(material)) {
    if (material.kty === 'oct') return decode(`${option}.k`, material.k);
  } else if (isObject(material) && 'base64url' in material) {
    return decode(
      `${option}.base64url`,
      checkOptions(option, material, ['base64url'])['base64url'],
    );
  }
  return refuseOption(
    option,
    "text, bytes, { base64url: '…' }, a JWK of type oct or a secret KeyObject",
  );
}

function decode(option: string, text: unknown): Buffer {
  return typeof text === 'string' && isBase64url(text)
    ? Buffer.from(text, 'base64url')
    : refuseOption(option, 'base64url without padding');
}

// A public key is no secret, so taken for one it would let anybody sign. RFC 8725 §2.1
function looksLikeKey(bytes: Buffer): boolean {
  const text = bytes.toString('latin1').trim();
  return (
    text.includes('-----BEGIN') ||
    /^(ssh|ecdsa|sk)-[a-z0-9@.-]+ /.test(text) ||
    (text.startsWith('{') && text.includes('"kty"')) ||
    readDer(bytes) !== undefined ||
    // The body of a PEM file that has lost its first and last line: a sequence begins with an M.
    (text.startsWith('M') && readDer(Buffer.from(text, 'base64')) !== undefined)
  );
}

// Private forms first: asked for a public key, Node would take the public half of an RSA private key.
function readDer(bytes: Buffer): KeyObject | undefined {
  if (bytes[0] !== 0x30) return undefined;
  return (
    tryEach(['pkcs8', 'pkcs1', 'sec1'] as const, (type) =>
      createPrivateKey({ key: bytes, format: 'der', type }),
    ) ??
    tryEach(['spki', 'pkcs1'] as const, (type) =>
      createPublicKey({ key: bytes, format: 'der', type }),
    )
  );
}

function tryEach<Type>(
  types: readonly Type[],
  create: (type: Type) => KeyObject,
): KeyObject | undefined {
  for (const type of types) {
    try {
      return create(type);
    } catch {
      // Then it is of another form, or no key at all.
    }
  }
  return undefined;
}

// Node's own error may describe the material, so it is not passed on.
function readable(option: string, create: () => KeyObject): KeyObject {
  try {
    return create();
  } catch {
    return refuseKey(option, unreadable);
  }
}

const unreadable = 'no key that can be read (an encrypted one must come as a KeyObject)';

function refuseKey(option: string, whatItIs: string): never {
  throw new TypeError(`${option} is ${whatItIs}`);
}
