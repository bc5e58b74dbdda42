// A public key's name, derived from the key. RFC 7638 §3

import { createHash, type JsonWebKey } from 'node:crypto';

// The members that make the key what it is, in the order in which they are hashed. RFC 7638 §3.2, RFC 8037 §2
const members: Readonly<Record<string, readonly (keyof JsonWebKey)[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** @param jwk - of an asymmetric key; a private part is left out. A secret has none: its hash would tell of it. */
export function thumbprint(jwk: JsonWebKey): string {
  const names = members[jwk.kty ?? ''] ?? [];
  const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])));
  return createHash('sha256').update(text).digest('base64url');
}
