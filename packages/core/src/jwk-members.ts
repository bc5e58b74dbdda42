// Leaf of every journey: what a JWK says of itself, beside the key. RFC 7517 §4

import type { JsonWebKey } from 'node:crypto';

import { isObject } from './options.js';

/** Whether a value has the form of a JWK. Whether a key is in it shows when it is imported. */
export function isJwk(value: unknown): value is JsonWebKey {
  return isObject(value) && 'kty' in value;
}

/** Whether any part of it is for its owner only, complete or not. RFC 7518 §6.2.2, §6.3.2, §6.4 */
export function isForOwner(jwk: JsonWebKey): boolean {
  return jwk.kty === 'oct' || ownerMembers.some((name) => name in jwk);
}

/** The member by which a JWK refuses to sign or to verify. RFC 7517 §4.2, §4.3 */
export function memberAgainst(
  jwk: JsonWebKey,
  operation: 'sign' | 'verify',
): 'use' | 'key_ops' | undefined {
  const { use, key_ops: operations } = jwk;
  if (use !== undefined && use !== 'sig') return 'use';
  if (operations === undefined) return undefined;
  return Array.isArray(operations) && operations.includes(operation) ? undefined : 'key_ops';
}

const ownerMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;
