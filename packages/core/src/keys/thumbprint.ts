// Leaf of every journey: a name for a key that anybody can work out from the key alone. RFC 7638

import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

import {
  importPrivateKey,
  importPublicKey,
  importSecret,
  type AsymmetricKeyMaterial,
  type SecretMaterial,
} from './key-material.js';
import { checkOptions } from '../lib/options.js';

/** One key, in any form that key options take. A secret has at least 32 bytes. */
export type KeyToName =
  | { readonly publicKey: AsymmetricKeyMaterial }
  | { readonly privateKey: AsymmetricKeyMaterial }
  | { readonly secret: SecretMaterial };

/**
 * The thumbprint of a key, by which a key is named whose options have no `kid`. A private key and its public half have the
 * same. Size, curve and algorithm are not judged here.
 *
 * @returns SHA-256 in base64url, 43 characters.
 * @throws TypeError naming the option that is wrong, or that holds a key for which there is no JWK.
 * @see RFC 7638 §3, RFC 8037 §2
 */
export function keyThumbprint(key: KeyToName): string {
  const kinds = Object.keys(imports);
  const options = checkOptions('keyThumbprint', key, kinds);
  const [kind = '', ...more] = kinds.filter((one) => options[one] !== undefined);
  const importIt = imports[kind];
  if (importIt === undefined || more.length > 0) {
    throw new TypeError(`keyThumbprint takes one of ${kinds.join(', ')}`);
  }
  const imported = importIt(kind, options[kind]);
  try {
    return jwkThumbprint(imported);
  } catch {
    throw new TypeError(`${kind} is of a type that cannot be written as a JWK`);
  }
}

const imports: Readonly<Record<string, (option: string, material: unknown) => KeyObject>> = {
  publicKey: importPublicKey,
  privateKey: (option, material) => createPublicKey(importPrivateKey(option, material)),
  // No algorithm takes a shorter one, and the hash of what can be guessed is no name to go by. RFC 7638 §7
  secret: (option, material) => importSecret(option, material, 32),
};

/** The same for a key that has been imported. RFC 7638 §3 */
export function jwkThumbprint(key: KeyObject): string {
  const { e, n, crv, x, y, k, kty } = key.export({ format: 'jwk' });
  // Members that a key of this type does not have are left out by JSON; the rest stand in the order of the alphabet.
  const required = kty === 'RSA' ? { e, kty, n } : { crv, k, kty, x, y };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}
