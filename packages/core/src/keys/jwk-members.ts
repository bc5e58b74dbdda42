// Leaf of every journey: what a JWK says of itself, beside the key. RFC 7517 §4

import { isObject } from '../lib/options.js';

/**
 * A JSON Web Key: what `KeyObject.export({ format: 'jwk' })`, Web Crypto and other libraries write. A value may have other
 * members too; they are not used.
 *
 * Our own type, since that of `@types/node` has another name and another shape in its newer versions. The type does not say
 * which members belong together: that is checked when the key is imported.
 *
 * @see RFC 7517 §4, RFC 7518 §6, RFC 8037 §2
 */
// Not an interface, so that a value of it is an object of unknown members too, as `createPublicKey` takes one.
export type Jwk = {
  readonly kty?: string | undefined;
  readonly use?: string | undefined;
  readonly key_ops?: readonly string[] | undefined;
  readonly alg?: string | undefined;
  readonly kid?: string | undefined;
  readonly ext?: boolean | undefined;
  readonly x5u?: string | undefined;
  readonly x5c?: readonly string[] | undefined;
  readonly x5t?: string | undefined;
  readonly 'x5t#S256'?: string | undefined;
  readonly crv?: string | undefined;
  readonly x?: string | undefined;
  readonly y?: string | undefined;
  readonly d?: string | undefined;
  readonly n?: string | undefined;
  readonly e?: string | undefined;
  readonly p?: string | undefined;
  readonly q?: string | undefined;
  readonly dp?: string | undefined;
  readonly dq?: string | undefined;
  readonly qi?: string | undefined;
  readonly oth?: readonly object[] | undefined;
  readonly k?: string | undefined;
};

/** Whether a value has the form of a JWK. Whether a key is in it shows when it is imported. */
export function isJwk(value: unknown): value is Jwk {
  return isObject(value) && 'kty' in value;
}

/** Whether any part of it is for its owner only, complete or not. RFC 7518 §6.2.2, §6.3.2, §6.4 */
export function isForOwner(jwk: Jwk): boolean {
  return jwk.kty === 'oct' || ownerMembers.some((name) => name in jwk);
}

/** The member by which a JWK refuses to sign or to verify. RFC 7517 §4.2, §4.3 */
export function memberAgainst(
  jwk: Jwk,
  operation: 'sign' | 'verify',
): 'use' | 'key_ops' | undefined {
  const { use, key_ops: operations } = jwk;
  if (use !== undefined && use !== 'sig') return 'use';
  if (operations === undefined) return undefined;
  return Array.isArray(operations) && operations.includes(operation) ? undefined : 'key_ops';
}

const ownerMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;
