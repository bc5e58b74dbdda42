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

/** HMAC-SHA256 under one key, over all the parts in turn, 960 bytes at most. The key cannot be got out of it. */
export type Hmac = (...parts: readonly Uint8Array[]) => Buffer;

const blockLength = 64;
const digestLength = 32;
const maxMessageLength = 960;

/**
 * Takes the key of an HMAC, which has at most 64 bytes: a longer one would have to be hashed first.
 *
 * What is hashed is put together in the same two places each time, behind the key: a new buffer for each would cost as
 * much as hashing it.
 *
 * @see RFC 2104 §2
 */
export function createHmacSha256(key: Uint8Array): Hmac {
  if (key.length > blockLength) throw new RangeError('an HMAC key of ours has at most 64 bytes');
  const inner = keyedBlock(key, 0x36, maxMessageLength);
  const outer = keyedBlock(key, 0x5c, digestLength);
  return (...parts) => {
    let end = blockLength;
    for (const part of parts) {
      inner.set(part, end);
      end += part.length;
    }
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), blockLength, 'binary');
    inner.fill(0, blockLength, end);
    return sha256(outer);
  };
}

/** The first block of a hash under a key, and room behind it. */
function keyedBlock(key: Uint8Array, pad: number, room: number): Buffer {
  const block = Buffer.alloc(blockLength + room);
  block.set(key);
  for (let index = 0; index < blockLength; index++) block[index] = block.readUInt8(index) ^ pad;
  return block;
}
