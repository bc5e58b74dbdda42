// The JWK type, and what the members of a JWK allow. RFC 7517 §4, RFC 7518 §6

import { isObject } from '../lib/options.js';

/**
 * A JSON Web Key, as `KeyObject.export({ format: 'jwk' })`, Web Crypto and other libraries write it. Other members are
 * allowed and ignored.
 *
 * The type does not say which members must come together: that is checked when the key is imported. It is not the type of
 * `@types/node`, whose name and shape changed between versions.
 *
 * @see RFC 7517 §4, RFC 7518 §6, RFC 8037 §2
 */
// A type alias, not an interface: `createPublicKey` needs a value that is assignable to Record<string, unknown>.
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

/** Whether a value looks like a JWK. Does not check that it holds a usable key. */
export function isJwk(value: unknown): value is Jwk {
  return isObject(value) && 'kty' in value;
}

/** Whether a JWK has any private or symmetric parameter, complete or not. RFC 7518 §6.2.2, §6.3.2, §6.4 */
export function hasPrivateParameters(jwk: Jwk): boolean {
  const parameters = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
  return jwk.kty === 'oct' || parameters.some((name) => name in jwk);
}

/** The member of a JWK that forbids an operation, or `undefined`. RFC 7517 §4.2, §4.3 */
export function memberThatForbids(
  jwk: Jwk,
  operation: 'sign' | 'verify',
): 'use' | 'key_ops' | undefined {
  const { use, key_ops: operations } = jwk;
  if (use !== undefined && use !== 'sig') return 'use';
  if (operations === undefined) return undefined;
  return Array.isArray(operations) && operations.includes(operation) ? undefined : 'key_ops';
}
