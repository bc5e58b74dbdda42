// Reads an access token: checks its form and its signature, and returns its claims. RFC 7515, RFC 8725, RFC 9068 §4

import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { ownClaim } from './claims.js';
import { parseCompactJws, parseJsonObject, type CompactJws } from './compact-jws.js';
import type { TokenCheck } from '../errors/errors.js';
import type { KeyLookup } from '../keys/key-source.js';
import type { ImportedKey } from '../keys/keys.js';
import { isSignatureGood } from './signature.js';

/** The claims of a token with a good signature and the key that made it, or the first check that failed. */
export type AccessTokenReading =
  | { readonly claims: Readonly<Record<string, unknown>>; readonly key: ImportedKey }
  | FailedReading;

/** The first check that an access token failed. */
export interface FailedReading {
  readonly failed: TokenCheck;
  /**
   * True when the header names a key that the reader does not have, usually because the keys have changed. False for a
   * header that names no key, which a change of keys does not explain.
   */
  readonly isKeyUnknown?: boolean;
}

/** Reads the access tokens of one issuer. */
export interface AccessTokenReader {
  readonly keys: KeyLookup;
  /**
   * Reads an access token: shape → header → key by `kid` → signature → payload. Returns a promise when the key must be
   * loaded. Does not check times, issuer, audience or any other claim.
   */
  read(token: string): MaybePromise<AccessTokenReading>;
}

/** What a token must look like, before its claims are read. */
export interface AccessTokenForm {
  /** Narrows the algorithms of the keys. */
  readonly algorithms?: ReadonlySet<string> | undefined;
  /** The media type that `typ` must be; `false` accepts any `typ`. */
  readonly type?: string | false;
}

/** Creates a reader that verifies with these keys. */
export function createAccessTokenReader(
  keys: KeyLookup,
  form: AccessTokenForm = {},
): AccessTokenReader {
  return {
    keys,
    read(token) {
      const jws = parseCompactJws(token);
      if (jws === undefined) return { failed: 'shape' };
      const header = readHeader(keys, form, jws.header);
      if (typeof header === 'string') return { failed: header };
      return andThen(keys.find(header.kid), (key) => readPayload(key, header.alg, jws));
    },
  };
}

// `jwk`, `jku`, `x5u` and `x5c` are ignored: a token must not choose the key that verifies it. RFC 8725 §3.10
function readHeader(
  keys: KeyLookup,
  { algorithms = keys.algorithms, type = 'at+jwt' }: AccessTokenForm,
  bytes: Buffer,
): { readonly alg: string; readonly kid: string } | TokenCheck {
  const header = parseJsonObject(bytes);
  if (header === undefined) return 'header';
  const alg = ownClaim(header, 'alg');
  if (typeof alg !== 'string' || !keys.algorithms.has(alg) || !algorithms.has(alg)) {
    return 'algorithm';
  }
  // No extension is supported, and a critical one must be. RFC 7515 §4.1.11
  if (Object.hasOwn(header, 'crit')) return 'crit';
  if (type !== false && !isMediaType(ownClaim(header, 'typ'), type)) return 'type';
  const kid = ownClaim(header, 'kid');
  return typeof kid === 'string' ? { alg, kid } : 'key';
}

function readPayload(
  key: ImportedKey | undefined,
  alg: string,
  jws: CompactJws,
): AccessTokenReading {
  if (key === undefined) return { failed: 'key', isKeyUnknown: true };
  if (key.algorithm !== alg) return { failed: 'algorithm' };
  if (!isSignatureGood(key, jws)) return { failed: 'signature' };
  const claims = parseJsonObject(jws.payload);
  return claims === undefined ? { failed: 'payload' } : { claims, key };
}

// Media types ignore case, and `application/` may be left out. RFC 9068 §4, RFC 7515 §4.1.9
function isMediaType(typ: unknown, expected: string): boolean {
  return typeof typ === 'string' && mediaType(typ) === mediaType(expected);
}

function mediaType(text: string): string {
  return text.toLowerCase().replace(/^application\//, '');
}
