// Cache of verified access tokens by their text: a signature is computed once per token, not once per request.
//
// An entry is found by the last characters of a token, and used only if its whole text is equal. A `Map` by the whole text
// hashes it at every request, since each request has a new string: that doubles the cost of a guard with a cached token
// (2.8 instead of 1.4 µs for 500 characters). The last characters are the end of the signature, which cannot be
// chosen without the key, and only tokens with a valid signature get into the cache: no client can make two entries collide.
//
// Times, key and revocation of a token can change after it was verified. They are not cached: verify-bearer.ts checks them
// at every use.

import { LRUCache } from '../lib/lru-cache.js';
import { checkOptions, requireCount } from '../lib/options.js';
import type { KeyID } from '../keys/key-source.js';
import type { ImportedKey } from '../keys/keys.js';
import type { AcceptedIssuer } from './accepted-issuer.js';
import type { Listed } from './require-standing.js';
import type { VerifiedToken } from './verified-token.js';

/** Limits of the cache of verified tokens. The least recently used token is removed first. */
export interface TokenCacheOptions {
  /** Maximum number of tokens: 1 to 10 000 000. @defaultValue `10_000` (ten thousand) */
  readonly max?: number | undefined;
  /** Maximum bytes, estimated from each token's length: 1 to 1 099 511 627 776 (1 TiB). @defaultValue `33_554_432` (32 MiB) */
  readonly maxBytes?: number | undefined;
}

/** A token that passed every check, with the issuer and the key that it was verified against. */
export interface CachedToken extends Listed {
  readonly text: string;
  readonly issuer: AcceptedIssuer;
  readonly key: ImportedKey;
  /** The key ID in the header of the token. */
  readonly kid: KeyID;
  readonly token: VerifiedToken;
}

export interface TokenCache {
  /** The token with exactly this text. */
  get(text: string): CachedToken | undefined;
  set(cached: CachedToken): void;
  delete(text: string): void;
}

// A session uses one token at a time, or a few while several tabs refresh. Without this limit, one client that refreshes in a
// loop removes the tokens of all other clients.
const maxPerSession = 4;

// 72 bits of the signature.
const keyOf = (text: string) => text.slice(-12);

/** Checks the option `cache`. @returns `undefined` when the cache is off. */
export function createTokenCache(options: TokenCacheOptions | false = {}): TokenCache | undefined {
  if (options === false) return undefined;
  const names = ['max', 'maxBytes'];
  const { max = 10_000, maxBytes = 32 * 2 ** 20 } = checkOptions('cache', options, names);
  requireCount('cache.max', max, 10_000_000);
  requireCount('cache.maxBytes', maxBytes, 2 ** 40);
  // The keys of each session's entries, oldest first.
  const keysOf = new Map<string | undefined, Set<string>>();
  const entries = new LRUCache<string, CachedToken>({
    max,
    maxSize: maxBytes,
    // Text, claims and bookkeeping, as measured.
    sizeCalculation: ({ text }) => 1_024 + 2 * text.length,
    dispose({ token: { sessionId } }, key) {
      keysOf.get(sessionId)?.delete(key);
      if (keysOf.get(sessionId)?.size === 0) keysOf.delete(sessionId);
    },
  });

  function get(text: string): CachedToken | undefined {
    const cached = entries.get(keyOf(text));
    return cached?.text === text ? cached : undefined;
  }

  return {
    get,
    set(cached) {
      const key = keyOf(cached.text);
      entries.set(key, cached);
      const { sessionId } = cached.token;
      if (sessionId === undefined || !entries.has(key)) return;
      const keys = keysOf.get(sessionId) ?? new Set();
      keysOf.set(sessionId, keys.add(key));
      const [oldest] = keys;
      if (oldest !== undefined && keys.size > maxPerSession) entries.delete(oldest);
    },
    delete(text) {
      if (get(text) !== undefined) entries.delete(keyOf(text));
    },
  };
}
