// On the guard journey and, for the access token sent along, on refresh: token to claims that its key vouches for.

import { parseCompactJws, parseJsonObject } from './compact-jws.js';
import type { TokenCheck } from './errors.js';
import { ownClaim } from './claims.js';
import type { ImportedKey, KeySet } from './keys.js';
import { isSignatureGood } from './signature.js';

/** Claims under a good signature, or the check that failed first. No claim has been judged. */
export type AccessTokenReading =
  | { readonly claims: Readonly<Record<string, unknown>> }
  | { readonly failed: TokenCheck };

/**
 * Reads an access token: shape → header → key by `kid` → signature → payload.
 *
 * Times, issuer, audience and all other claims are left to the caller.
 */
export function readAccessToken(keys: KeySet, token: string): AccessTokenReading {
  const jws = parseCompactJws(token);
  if (jws === undefined) return { failed: 'shape' };
  if (jws.header === undefined) return { failed: 'header' };
  const key = keyFor(keys, jws.header);
  if (typeof key === 'string') return { failed: key };
  if (!isSignatureGood(key, token)) return { failed: 'signature' };
  const claims = parseJsonObject(jws.encodedPayload);
  return claims === undefined ? { failed: 'payload' } : { claims };
}

// `jwk`, `jku`, `x5u` and `x5c` are never looked at: a token does not choose the key that judges it. RFC 8725 §3.10
function keyFor(keys: KeySet, header: Readonly<Record<string, unknown>>): ImportedKey | TokenCheck {
  const alg = ownClaim(header, 'alg');
  if (typeof alg !== 'string' || !keys.algorithms.has(alg)) return 'algorithm';
  // We understand no extension, and what is critical must be understood. RFC 7515 §4.1.11
  if (Object.hasOwn(header, 'crit')) return 'crit';
  if (!isAccessTokenType(ownClaim(header, 'typ'))) return 'type';
  const kid = ownClaim(header, 'kid');
  const key = typeof kid === 'string' ? keys.byKid.get(kid) : undefined;
  if (key === undefined) return 'key';
  return key.algorithm === alg ? key : 'algorithm';
}

// A media type: case counts for nothing and `application/` may be left out. RFC 9068 §4, RFC 7515 §4.1.9
function isAccessTokenType(typ: unknown): boolean {
  return typeof typ === 'string' && /^(?:application\/)?at\+jwt$/i.test(typ);
}
