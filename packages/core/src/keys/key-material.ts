// Imports key material in any of its forms as a KeyObject of the required type.

import { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';

import { isBase64url } from '../lib/base64url.js';
import { hasPrivateParameters, isJwk, type Jwk } from './jwk-members.js';
import { checkOptions, isObject, refuseOption } from '../lib/options.js';

/**
 * A public or a private key: PEM as text or bytes, DER as bytes (SPKI, PKCS#8, PKCS#1, SEC1), a JWK, or a `KeyObject`.
 * Decrypt an encrypted key yourself and pass it as a `KeyObject`.
 */
export type AsymmetricKeyMaterial = string | Uint8Array | Jwk | KeyObject;

/**
 * A shared secret, at least as long as the hash (RFC 7518 §3.2): bytes; text, whose UTF-8 bytes are the secret; base64url
 * as `{ base64url: '…' }` or as a JWK of type `oct`; or a `KeyObject`. Text is never decoded, even if it looks like base64.
 */
export type SecretMaterial = string | Uint8Array | { readonly base64url: string } | Jwk | KeyObject;

/** Imports a public key. Refuses a private key, from which Node would silently take the public one. */
export function importPublicKey(option: string, material: unknown): KeyObject {
  const key = readKey(option, material);
  return key.type === 'public' ? key : refuseKey(option, 'public', key.type);
}

/** Imports a private key. */
export function importPrivateKey(option: string, material: unknown): KeyObject {
  const key = readKey(option, material);
  return key.type === 'private' ? key : refuseKey(option, 'private', key.type);
}

/** Imports a shared secret of at least `minBytes`. Refuses the text or the bytes of an asymmetric key. */
export function importSecret(option: string, material: unknown, minBytes: number): KeyObject {
  const bytes = secretBytes(option, material);
  if (looksLikeKey(bytes)) {
    throw new TypeError(
      `${option} must be a secret; got the text or the bytes of a key. Give random bytes, or use an asymmetric algorithm.`,
    );
  }
  if (bytes.length < minBytes) {
    throw new TypeError(`${option} must have at least ${minBytes} bytes; it has ${bytes.length}`);
  }
  return createSecretKey(bytes);
}

function readKey(option: string, material: unknown): KeyObject {
  if (material instanceof KeyObject) return material;
  if (isJwk(material)) {
    if (material.kty === 'oct') return refuseKey(option, 'public or private', 'secret');
    // `{ ...jwk, d: undefined }` is how a private part is left out.
    const members = Object.entries(material).filter(([, value]) => value !== undefined);
    const key: Record<string, unknown> = Object.fromEntries(members);
    const create = hasPrivateParameters(key) ? createPrivateKey : createPublicKey;
    return createOrRefuse(option, () => create({ key, format: 'jwk' }));
  }
  const bytes = material instanceof Uint8Array ? Buffer.from(material) : undefined;
  const text = bytes === undefined ? material : bytes.toString('latin1');
  if (typeof text === 'string' && text.includes('-----BEGIN')) {
    const create = text.includes('PRIVATE KEY-----') ? createPrivateKey : createPublicKey;
    return createOrRefuse(option, () => create(text));
  }
  if (bytes === undefined) return refuseOption(option, 'a key as PEM, DER, JWK or KeyObject');
  return readDer(bytes) ?? refuseUnreadable(option);
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

// A public key as the secret of an HMAC would let anyone sign. RFC 8725 §2.1
function looksLikeKey(bytes: Buffer): boolean {
  const text = bytes.toString('latin1').trim();
  return (
    text.includes('-----BEGIN') ||
    /^(ssh|ecdsa|sk)-[a-z0-9@.-]+ /.test(text) ||
    (text.startsWith('{') && text.includes('"kty"')) ||
    readDer(bytes) !== undefined ||
    // A PEM file without its first and last line. The base64 of a DER sequence begins with M.
    (text.startsWith('M') && readDer(Buffer.from(text, 'base64')) !== undefined)
  );
}

// Private forms first: `createPublicKey` would silently take the public key out of an RSA private key.
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
      // It has another form, or is no key.
    }
  }
  return undefined;
}

// The error of Node may describe the key, so it is not passed on.
function createOrRefuse(option: string, create: () => KeyObject): KeyObject {
  try {
    return create();
  } catch {
    return refuseUnreadable(option);
  }
}

function refuseUnreadable(option: string): never {
  throw new TypeError(
    `${option} is not readable as a key. Give PEM, DER, a JWK or a KeyObject; an encrypted key must come as a KeyObject.`,
  );
}

function refuseKey(option: string, expected: string, actual: string): never {
  throw new TypeError(`${option} must be a ${expected} key; got a ${actual} key`);
}
