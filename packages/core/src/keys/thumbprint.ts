// Computes the thumbprint of a key: a name that follows from the key alone. RFC 7638

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

import {
  importPrivateKey,
  importPublicKey,
  importSecret,
  type AsymmetricKeyMaterial,
  type SecretMaterial,
} from './key-material.js';
import { checkOptions } from '../lib/options.js';

/** One key, in any form that the key options accept. A secret must have at least 32 bytes. */
export type KeyToName =
  | { readonly publicKey: AsymmetricKeyMaterial }
  | { readonly privateKey: AsymmetricKeyMaterial }
  | { readonly secret: SecretMaterial };

/**
 * Computes the thumbprint of a key. It is the default `kid` of a single key. A private key and its public key have the same
 * thumbprint. Does not check size, curve or algorithm.
 *
 * @returns SHA-256 in base64url, 43 characters.
 * @throws TypeError there is not exactly one key, or it is unreadable or has no JWK form; the message names the option.
 * @see RFC 7638 §3, RFC 8037 §2
 */
export function keyThumbprint(key: KeyToName): string {
  const kinds = Object.keys(imports);
  const options = checkOptions('keyThumbprint', key, kinds);
  const [kind = '', ...more] = kinds.filter((name) => options[name] !== undefined);
  const importKey = imports[kind];
  if (importKey === undefined || more.length > 0) {
    throw new TypeError(`keyThumbprint must have exactly one of ${kinds.join(', ')}`);
  }
  const imported = importKey(kind, options[kind]);
  try {
    return jwkThumbprint(imported);
  } catch {
    throw new TypeError(`${kind} has a key type without a JWK form, so it has no thumbprint`);
  }
}

const imports: Readonly<Record<string, (option: string, material: unknown) => KeyObject>> = {
  publicKey: importPublicKey,
  privateKey: (option, material) => createPublicKey(importPrivateKey(option, material)),
  // No algorithm accepts a shorter one, and the hash of a guessable secret would reveal it. RFC 7638 §7
  secret: (option, material) => importSecret(option, material, 32),
};

/** Computes the thumbprint of an imported key. RFC 7638 §3 */
export function jwkThumbprint(key: KeyObject): string {
  const { e, n, crv, x, y, k, kty } = key.export({ format: 'jwk' });
  // JSON omits members that are undefined. The rest must be in alphabetical order.
  const required = kty === 'RSA' ? { e, kty, n } : { crv, k, kty, x, y };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}
