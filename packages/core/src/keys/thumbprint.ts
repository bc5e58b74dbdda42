// Computes the thumbprint of a key: a name that follows from the key alone. RFC 7638

import { createHash, type KeyObject } from 'node:crypto';

import { checkOptions } from '../lib/options.js';
import { importAsymmetric, importSecret, requireOneKind } from './key-material.js';
import type { AsymmetricKeyMaterial, SecretMaterial } from './key-material.js';

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
  const kinds = ['publicKey', 'privateKey', 'secret'] as const;
  const options: Readonly<Record<string, unknown>> = checkOptions('keyThumbprint', key, kinds);
  const kind = requireOneKind('keyThumbprint', options, kinds);
  // No algorithm accepts a shorter secret, and the hash of a guessable one would reveal it. RFC 7638 §7
  const imported =
    kind === 'secret'
      ? importSecret(kind, options[kind], 32)
      : importAsymmetric(kind, kind === 'privateKey', options[kind]).verificationKey;
  try {
    return jwkThumbprint(imported);
  } catch {
    throw new TypeError(`${kind} has a key type without a JWK form, so it has no thumbprint`);
  }
}

/** Computes the thumbprint of an imported key. RFC 7638 §3 */
export function jwkThumbprint(key: KeyObject): string {
  const { e, n, crv, x, y, k, kty } = key.export({ format: 'jwk' });
  // JSON omits members that are undefined. The rest must be in alphabetical order.
  const required = kty === 'RSA' ? { e, kty, n } : { crv, k, kty, x, y };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}
