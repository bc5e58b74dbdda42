// What kind of key each algorithm wants. RFC 7518 §3, RFC 8037, RFC 9864

import type { Algorithm } from '@tokenpair/core';

export type KeyKind =
  | { readonly type: 'secret'; readonly bytes: number }
  | { readonly type: 'rsa' }
  | { readonly type: 'ec'; readonly curve: string; readonly nodeCurve: string }
  | { readonly type: 'ed25519' };

const rsa: KeyKind = { type: 'rsa' };

// Complete by its type: an algorithm that core learns is missing here until it is written down.
const kinds: Readonly<Record<Algorithm, KeyKind>> = {
  ES256: { type: 'ec', curve: 'P-256', nodeCurve: 'prime256v1' },
  ES384: { type: 'ec', curve: 'P-384', nodeCurve: 'secp384r1' },
  ES512: { type: 'ec', curve: 'P-521', nodeCurve: 'secp521r1' },
  EdDSA: { type: 'ed25519' },
  Ed25519: { type: 'ed25519' },
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  HS256: { type: 'secret', bytes: 32 },
  HS384: { type: 'secret', bytes: 48 },
  HS512: { type: 'secret', bytes: 64 },
};

export const algorithmNames: readonly string[] = Object.keys(kinds);

export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === 'string' && Object.hasOwn(kinds, name);
}

export function kindOf(algorithm: Algorithm): KeyKind {
  return kinds[algorithm];
}
