// On the login and refresh journeys: a name for one call that writes.

import { randomBytes } from '../lib/random.js';

/** The record bears it afterwards, which tells a command that a client library repeated from somebody else's. */
export function newAttempt(): string {
  return randomBytes(12).toString('base64url');
}
