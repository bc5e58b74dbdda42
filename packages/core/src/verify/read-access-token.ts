// What the text of one access token says: its issuer, key, signature and claims. RFC 9068 §4

import { InvalidTokenError } from '../errors/errors.js';
import { readClock } from '../hooks/clock.js';
import { callHook } from '../hooks/hooks.js';
import {
  failedClaimCheck,
  failedTimeCheck,
  ownClaim,
  reservedClaims,
  type Claims,
} from '../jwt/claims.js';
import { parseCompactJws, parseJsonObject } from '../jwt/compact-jws.js';
import type { KeyID } from '../keys/key-source.js';
import type { ImportedKey } from '../keys/keys.js';
import { copyPlain } from '../lib/frozen.js';
import { isObject } from '../lib/options.js';
import { readSchemaResult } from '../lib/standard-schema.js';
import type { AcceptedIssuer } from './accepted-issuer.js';
import { isRevReadable } from './require-standing.js';
import type { TokenVerifier } from './token-verifier.js';

/** Checks shape, header, key, signature and payload. */
export async function readAccessToken(
  verifier: TokenVerifier,
  text: string,
): Promise<{ issuer: AcceptedIssuer; key: ImportedKey; kid: KeyID; claims: Claims }> {
  const issuer = await selectIssuer(verifier, text);
  const reading = await issuer.reader.read(text);
  if (!('failed' in reading)) return { issuer, ...reading };
  const code = reading.isKeyUnknown === true ? 'token_key_unknown' : 'token_invalid';
  throw new InvalidTokenError(code, reading.failed, verifier.space);
}

// With several issuers, `iss` selects one before the signature is verified: the claim is not trusted, it only selects. A token
// of another issuer causes no key look-up and no fetch.
async function selectIssuer(
  { accepts, finder, space }: TokenVerifier,
  text: string,
): Promise<AcceptedIssuer> {
  const [first, ...others] = accepts;
  if (first !== undefined && others.length === 0) return first;
  const jws = parseCompactJws(text, Number.POSITIVE_INFINITY);
  if (jws === undefined) throw new InvalidTokenError('token_invalid', 'shape', space);
  const iss = ownClaim(parseJsonObject(jws.payload) ?? {}, 'iss');
  const selected =
    finder && typeof iss === 'string'
      ? await finder.find(iss)
      : accepts.find(({ issuer }) => issuer === iss);
  if (selected === undefined) throw new InvalidTokenError('token_invalid', 'iss', space);
  return selected;
}

export function requireValidClaims(
  { clock, clockTolerance, space }: TokenVerifier,
  issuer: AcceptedIssuer,
  claims: Claims,
): void {
  const failed = failedTimeCheck(claims, readClock(clock) / 1_000, clockTolerance);
  if (failed) throw new InvalidTokenError(failed.code, failed.check, space, failed.retryAfter);
  const check = failedClaimCheck(claims, issuer);
  if (check !== undefined) throw new InvalidTokenError('token_invalid', check, space);
  if (issuer.revocations !== undefined && !isRevReadable(claims)) {
    throw new InvalidTokenError('token_invalid', 'rev', space);
  }
}

/** Gives the claims to the schema of the verifier. @returns them with what the schema made of the unregistered ones. */
export async function fitClaims(
  { claimsSchema, hooks, space }: TokenVerifier,
  claims: Claims,
): Promise<Claims> {
  if (claimsSchema === undefined) return claims;
  const { validate } = claimsSchema['~standard'];
  return callHook(
    hooks,
    'claims',
    // A copy: the schema may change what it gets, and the claims have been checked.
    () => validate(structuredClone(claims)),
    (result) => {
      const { value, issues } = readSchemaResult(result);
      if (issues !== undefined) throw new InvalidTokenError('token_invalid', 'claims', space);
      if (!isObject(value)) throw new TypeError('the schema in claims must describe an object');
      const own = Object.entries(value).filter(([name]) => !reservedClaims.includes(name));
      // A copy: the token is frozen, and the schema may return one object at every call.
      return {
        ...claims,
        ...Object.fromEntries(own.map(([name, part]) => [name, copyPlain(part)])),
      };
    },
  );
}
