// Leaf of the issuing journeys: SHA-256 and HMAC over it, each in one call. An object that is fed, asked and collected, as
// `createHash` and `createHmac` make one, costs several times as much as the hash itself.

import { hash } from 'node:crypto';

/** As bytes. By way of a text, since Node takes five times as long to answer a `Buffer` itself. */
export function sha256(data: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', data, 'binary'), 'binary');
}

/** As base64url. */
export function sha256Text(data: string | Uint8Array): string {
  return hash('sha256', data, 'base64url');
}

/** HMAC-SHA256 under one key, over all the parts in turn. The key cannot be got out of it. */
export type Hmac = (...parts: readonly Uint8Array[]) => Buffer;

const blockLength = 64;

/**
 * Takes the key of an HMAC, which has at most 64 bytes: a longer one would have to be hashed first.
 *
 * @see RFC 2104 §2
 */
export function createHmacSha256(key: Uint8Array): Hmac {
  if (key.length > blockLength) throw new RangeError('an HMAC key of ours has at most 64 bytes');
  const block = Buffer.alloc(blockLength);
  block.set(key);
  const [inner, outer] = [block.map((byte) => byte ^ 0x36), block.map((byte) => byte ^ 0x5c)];
  return (...parts) => sha256(Buffer.concat([outer, sha256(Buffer.concat([inner, ...parts]))]));
}
