// On the guard journey: tokens that have been verified before, so that the signature need not be computed again.
//
// Entries are found by the last characters of a token and believed only when the whole text is equal, so two tokens are
// never taken for one another. Two texts of one token, which ECDSA allows, are two entries. To hash a text of 500
// characters, as a look-up by all of it would, takes four times as long as everything else that is done here. The tail is
// the end of a signature, which cannot be chosen without the key, and only what a key has signed gets in: no sender of
// rubbish can fill a bucket or push anybody out.
//
// What may have changed since is not kept but checked at every hit, by who asks: times, the key, revocation.

import { LRUCache } from 'lru-cache';

import { checkOptions, requireCount } from '../lib/options.js';
import type { ImportedKey } from '../keys/keys.js';
import type { AcceptedIssuer } from './accepted-issuer.js';
import type { VerifiedToken } from './verified-token.js';

/** Bounds of the verified-token cache. What was used least recently makes room. */
export interface TokenCacheOptions {
  /** Tokens at most. @defaultValue 10 000 */
  readonly max?: number | undefined;
  /** Bytes at most, as estimated from the length of each token. @defaultValue 33 554 432 (32 MiB) */
  readonly maxBytes?: number | undefined;
}

/** A token that has passed every check, and the key that vouches for it. */
export interface SignedToken {
  readonly issuer: AcceptedIssuer;
  readonly key: ImportedKey;
  readonly token: VerifiedToken;
  /** The later of `nbf` and `iat`, in seconds. */
  readonly startsAt: number;
  /** `exp`, in seconds. Beside the token, so that a known one is judged without a look at its claims. */
  readonly endsAt: number;
}

/** Remembers tokens that have passed every check. */
export interface TokenCache {
  /** What is known of exactly this text. */
  get(text: string): SignedToken | undefined;
  set(text: string, signed: SignedToken): void;
  /** Forgets a text; what is known of others stays. */
  delete(text: string): void;
}

interface Entry extends SignedToken {
  readonly text: string;
}

// 72 bits; V8 copies strings of this length, and hashes them, in next to no time.
const tailLength = 12;

// A session needs one token at a time, a few when tabs refresh at once. Without this bound a single client that refreshes
// without end could push out everybody else's.
const maxPerSession = 4;

/** Checks the option `cache`. @returns `undefined` when it is off. */
export function createTokenCache(options: TokenCacheOptions | false = {}): TokenCache | undefined {
  if (options === false) return undefined;
  const { max = 10_000, maxBytes = 32 * 2 ** 20 } = checkOptions('cache', options, [
    'max',
    'maxBytes',
  ]);
  requireCount('cache.max', max, 10_000_000);
  requireCount('cache.maxBytes', maxBytes, 2 ** 40);
  return new BoundedTokenCache(max, maxBytes);
}

class BoundedTokenCache implements TokenCache {
  readonly #bounds: { readonly max: number; readonly maxSize: number };
  /** Laid out for all entries at once, so not before the first of them. */
  #entries: LRUCache<string, Entry> | undefined;
  /** The tails of a session's tokens, oldest first. */
  readonly #bySession = new Map<string, string[]>();

  constructor(max: number, maxBytes: number) {
    this.#bounds = { max, maxSize: maxBytes };
  }

  get(text: string): SignedToken | undefined {
    const entry = this.#entries?.get(tailOf(text));
    return entry?.text === text ? entry : undefined;
  }

  set(text: string, signed: SignedToken): void {
    const tail = tailOf(text);
    const { issuer, key, token, startsAt, endsAt } = signed;
    const entries = (this.#entries ??= this.#layOut());
    // Written out: what a spread makes has many shapes to V8, and to read those costs as much as all the rest here.
    entries.set(tail, { text: ownCopy(text), issuer, key, token, startsAt, endsAt });
    if (entries.has(tail)) this.#joinSession(signed.token.sessionId, tail);
  }

  delete(text: string): void {
    if (this.get(text) !== undefined) this.#entries?.delete(tailOf(text));
  }

  #layOut(): LRUCache<string, Entry> {
    return new LRUCache<string, Entry>({
      ...this.#bounds,
      sizeCalculation: sizeOf,
      dispose: (entry, tail) => this.#leaveSession(entry, tail),
    });
  }

  #joinSession(sessionId: string | undefined, tail: string): void {
    if (sessionId === undefined) return;
    const tails = this.#bySession.get(sessionId) ?? [];
    this.#bySession.set(sessionId, [...tails, tail]);
    const [oldest] = tails;
    if (oldest !== undefined && tails.length >= maxPerSession) this.#entries?.delete(oldest);
  }

  #leaveSession({ token: { sessionId } }: Entry, tail: string): void {
    if (sessionId === undefined) return;
    const others = this.#bySession.get(sessionId)?.filter((one) => one !== tail) ?? [];
    if (others.length > 0) this.#bySession.set(sessionId, others);
    else this.#bySession.delete(sessionId);
  }
}

function tailOf(text: string): string {
  return text.slice(-tailLength);
}

// The text at hand may be a slice, which would keep all of the header that it was cut from.
function ownCopy(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

// Text, claims and book-keeping, as measured (docs/performance.md).
function sizeOf({ text }: Entry): number {
  return 1_024 + 2 * text.length;
}
