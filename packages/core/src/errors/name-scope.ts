// Adds the scope of a guard to the challenge of an error. RFC 6750 §3

import { isAuthError } from './auth-error.js';

const challengeHeader = 'WWW-Authenticate';

/**
 * Names the scope that a guard requires in the challenge of a 401, if it has one: so a client asks for a token that the guard
 * accepts, and not for one that gets a 403. Changes the error, which must belong to one request only.
 */
export function nameScope(error: unknown, scope: string): void {
  if (!isAuthError(error) || error.status !== 401) return;
  const challenge = error.headers[challengeHeader];
  if (
    typeof challenge !== 'string' ||
    !challenge.startsWith('Bearer ') ||
    challenge.includes(' scope="')
  ) {
    return;
  }
  // In the order in which challenges are written.
  const named = challenge.replace(/(?=, resource_metadata=|$)/, () => `, scope="${scope}"`);
  const headers = { ...error.headers, [challengeHeader]: named };
  Reflect.set(error, 'headers', Object.freeze(headers));
}
