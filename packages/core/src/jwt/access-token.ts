// Reads an access token: checks its form and its signature, and returns its claims. RFC 7515, RFC 8725, RFC 9068 §4

import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { ownClaim, type Claims } from './claims.js';
import {
  maxTokenLength,
  parseCompactJws,
  parseJsonObject,
  type CompactJws,
} from './compact-jws.js';
import type { TokenCheck } from '../errors/errors.js';
import type { FoundKey, KeyID, KeyLookup } from '../keys/key-source.js';
import type { ImportedKey } from '../keys/keys.js';
import { isSignatureGood } from './signature.js';

/**
 * The claims of a token with a good signature and the key that made it, or the first check that failed. The key is unknown
 * when the reader does not have the one that the header names, or none for its algorithm: usually after a change of keys.
 */
export type AccessTokenReading =
  | { readonly claims: Claims; readonly key: ImportedKey; readonly kid: KeyID }
  | { readonly failed: TokenCheck; readonly isKeyUnknown?: boolean };

/** Reads the access tokens of one issuer. */
export interface AccessTokenReader {
  readonly keys: KeyLookup;
  /** Narrows the algorithms of the keys. */
  readonly algorithms: ReadonlySet<string> | undefined;
  /** Checks shape → header → key by `kid` → signature → payload, but no claim. A promise when the key must be loaded. */
  read(token: string): MaybePromise<AccessTokenReading>;
}

interface HeaderRules {
  readonly algorithms?: ReadonlySet<string> | undefined;
  /** The media type that `typ` must be; `false` accepts any `typ`. */
  readonly type?: string | false;
  /** Of the token, in characters. */
  readonly maxLength?: number;
}

export function createAccessTokenReader(
  keys: AccessTokenReader['keys'],
  rules: HeaderRules = {},
): AccessTokenReader {
  return {
    keys,
    algorithms: rules.algorithms,
    read(token) {
      const jws = parseCompactJws(token, rules.maxLength ?? maxTokenLength);
      if (jws === undefined) return { failed: 'shape' };
      const header = readHeader(keys, rules, jws.header);
      if (typeof header === 'string') return { failed: header };
      const { alg, kid } = header;
      return andThen(keys.find(kid, alg), (key) => {
        const reading = verifyJws(key, header, jws);
        const isFromNewKey = kid === undefined && isKey(key) && isBadSignature(reading);
        if (!isFromNewKey) return reading;
        // The header does not say that the keys were changed, so a bad signature must be taken as a sign of it.
        return andThen(keys.find(kid, alg, key), (other) =>
          other === undefined || other === key ? reading : verifyJws(other, header, jws),
        );
      });
    },
  };
}

interface Header {
  readonly alg: string;
  readonly kid: KeyID;
}

function isKey(found: FoundKey): found is ImportedKey {
  return typeof found === 'object';
}

function isBadSignature(reading: AccessTokenReading): boolean {
  return 'failed' in reading && reading.failed === 'signature';
}

// `jwk`, `jku`, `x5u` and `x5c` are ignored: a token must not choose the key that verifies it. RFC 8725 §3.10
function readHeader(
  keys: KeyLookup,
  { algorithms = keys.algorithms, type = 'at+jwt' }: HeaderRules,
  bytes: Buffer,
): Header | TokenCheck {
  const header = parseJsonObject(bytes);
  if (header === undefined) return 'header';
  const alg = ownClaim(header, 'alg');
  if (typeof alg !== 'string' || !keys.algorithms.has(alg) || !algorithms.has(alg)) {
    return 'algorithm';
  }
  // No extension is supported, and a critical one must be. RFC 7515 §4.1.11
  if (Object.hasOwn(header, 'crit')) return 'crit';
  if (type !== false && mediaType(ownClaim(header, 'typ')) !== mediaType(type)) return 'type';
  const kid = ownClaim(header, 'kid');
  return kid === undefined || typeof kid === 'string' ? { alg, kid } : 'key';
}

function verifyJws(key: FoundKey, { alg, kid }: Header, jws: CompactJws): AccessTokenReading {
  if (key === 'several') return { failed: 'kid' };
  if (key === undefined) return { failed: 'key', isKeyUnknown: true };
  if (key.algorithm !== alg) return { failed: 'algorithm' };
  if (!isSignatureGood(key, jws)) return { failed: 'signature' };
  const claims = parseJsonObject(jws.payload);
  return claims === undefined ? { failed: 'payload' } : { claims, key, kid };
}

// Media types ignore case, and `application/` may be left out. RFC 9068 §4, RFC 7515 §4.1.9
function mediaType(type: unknown): string | undefined {
  return typeof type === 'string' ? type.toLowerCase().replace(/^application\//, '') : undefined;
}
