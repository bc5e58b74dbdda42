// What contestants in rotation share: sizes that are the same for all, and hashes without end that cost nothing.

import { randomBytes } from 'node:crypto';

import { inFlight, limit, newSession } from './sessions.mjs';

const hashes = Array.from({ length: 1_021 }, () => randomBytes(32).toString('base64url'));

export function hashOf(number) {
  return hashes[number % hashes.length];
}

/** As large as a record of ours with 96 bytes of metadata. */
export const recordText = 'x'.repeat(236);

/** Thirty days, as Redis takes it. */
export const lifetime = '2592000000';

export function keyOf(session, generation) {
  return `rt:${session}:${hashOf(session * 31 + generation)}`;
}

/** Fills a store with sessions that nobody will refresh. */
export async function fill(store, count) {
  await inFlight(count, 256, (at) => store.create(newSession(`u_other_${at}`), limit));
}
