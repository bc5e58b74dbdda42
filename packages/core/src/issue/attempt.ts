// The name of one call that writes a generation of a session.

import { randomBytes } from 'node:crypto';

/** Stored with the generation, so that a command which a client library repeats is not taken for another call's. */
export function newAttempt(): string {
  return randomBytes(12).toString('base64url');
}
