// Leaf of the issuing journeys: random bytes, from a pool. One call to the system's generator costs as much as a hash,
// whether it is for 16 bytes or for 4 096.

import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(4_096);
let used = pool.length;

/** Bytes of a cryptographic generator, at most 4 096 at once; no two calls share one, and none stays behind. */
export function randomBytes(count: number): Buffer {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + count));
  pool.fill(0, used, used + count);
  used += count;
  return bytes;
}
