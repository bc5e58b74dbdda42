// On the guard journey and, for the access token sent along, on refresh: token to claims that its key vouches for.

import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { decodeBase64url } from '../lib/base64url.js';
import { ownClaim } from './claims.js';
import { parseCompactJws, parseJsonObject, type CompactJws } from './compact-jws.js';
import type { TokenCheck } from '../errors/errors.js';
import type { KeySource } from '../keys/key-source.js';
import type { ImportedKey } from '../keys/keys.js';
import { isSignatureGood } from './signature.js';

/** Claims under a good signature and the key that made it, or the check that failed first. No claim has been judged. */
export type AccessTokenReading =
  | { readonly claims: Readonly<Record<string, unknown>>; readonly key: ImportedKey }
  | FailedReading;

/** The check that an access token failed first. */
export interface FailedReading {
  readonly failed: TokenCheck;
  /**
   * True when the header names a key that the reader does not have, or no longer has: a change of keys is the usual
   * reason. False for a header that names no key at all, which no change of keys explains.
   */
  readonly isKeyUnknown?: boolean;
}

/** Reads the access tokens of one issuer. */
export interface AccessTokenReader {
  readonly keys: KeySource;
  /**
   * Reads an access token: shape → header → key by `kid` → signature → payload. A promise when the key must be fetched.
   *
   * Times, issuer, audience and all other claims are left to the caller.
   */
  read(token: string): MaybePromise<AccessTokenReading>;
}

/** What a header says, once it has been found to be one of ours. */
interface JoseHeader {
  readonly alg: string;
  readonly kid: string;
}

// One a key and form of token; an issuer that writes something of each token into its headers gets no further.
const maxKnownHeaders = 64;

/** What a token must look like, before its claims are read. */
export interface AccessTokenForm {
  /** Narrows the algorithms of the keys. */
  readonly algorithms?: ReadonlySet<string> | undefined;
  /** The media type that `typ` must be; `false` when it is not looked at. */
  readonly type?: string | false;
}

/** A reader over some keys. */
export function createAccessTokenReader(
  keys: KeySource,
  form: AccessTokenForm = {},
): AccessTokenReader {
  // Tokens of one key share one header, to the letter, so it is read once. Only what stood in a token under a good
  // signature gets in: nobody else can fill it.
  const knownHeaders = new Map<string, JoseHeader>();

  function remember(encodedHeader: string, header: JoseHeader): void {
    if (knownHeaders.size < maxKnownHeaders) knownHeaders.set(encodedHeader, header);
  }

  return {
    keys,
    read(token) {
      const jws = parseCompactJws(token);
      if (jws === undefined) return { failed: 'shape' };
      const known = knownHeaders.get(jws.encodedHeader);
      // The keys may have been replaced since.
      const header =
        known && keys.algorithms.has(known.alg) ? known : readHeader(keys, form, jws.encodedHeader);
      if (typeof header === 'string') return { failed: header };
      return andThen(keys.find(header.kid), (key) => {
        const reading = readUnder(key, header, token, jws);
        if (known === undefined && 'claims' in reading) remember(jws.encodedHeader, header);
        return reading;
      });
    },
  };
}

// `jwk`, `jku`, `x5u` and `x5c` are never looked at: a token does not choose the key that judges it. RFC 8725 §3.10
function readHeader(
  keys: KeySource,
  { algorithms = keys.algorithms, type = 'at+jwt' }: AccessTokenForm,
  encodedHeader: string,
): JoseHeader | TokenCheck {
  const bytes = decodeBase64url(encodedHeader);
  const header = bytes && parseJsonObject(bytes);
  if (header === undefined) return 'header';
  const alg = ownClaim(header, 'alg');
  if (typeof alg !== 'string' || !keys.algorithms.has(alg) || !algorithms.has(alg)) {
    return 'algorithm';
  }
  // We understand no extension, and what is critical must be understood. RFC 7515 §4.1.11
  if (Object.hasOwn(header, 'crit')) return 'crit';
  if (type !== false && !isMediaType(ownClaim(header, 'typ'), type)) return 'type';
  const kid = ownClaim(header, 'kid');
  return typeof kid === 'string' ? { alg, kid } : 'key';
}

function readUnder(
  key: ImportedKey | undefined,
  { alg }: JoseHeader,
  token: string,
  { payload }: CompactJws,
): AccessTokenReading {
  if (key === undefined) return { failed: 'key', isKeyUnknown: true };
  if (key.algorithm !== alg) return { failed: 'algorithm' };
  if (!isSignatureGood(key, token)) return { failed: 'signature' };
  const claims = parseJsonObject(payload);
  return claims === undefined ? { failed: 'payload' } : { claims, key };
}

// A media type: case counts for nothing and `application/` may be left out. RFC 9068 §4, RFC 7515 §4.1.9
function isMediaType(typ: unknown, expected: string): boolean {
  return typeof typ === 'string' && mediaType(typ) === mediaType(expected);
}

function mediaType(text: string): string {
  return text.toLowerCase().replace(/^application\//, '');
}
