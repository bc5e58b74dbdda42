// On the guard journey: WWW-Authenticate text from realm, error and scope. RFC 6750 §3

import { refuseOption } from './options.js';

/** What a refusal says of the place that was asked for: the challenge repeats it. */
export interface ProtectionSpace {
  /** Name of the protected area, as in RFC 9110 §11.5. */
  readonly realm: string;
}

export interface ChallengeDetails {
  /** Left out when no bearer credential was sent at all. RFC 6750 §3.1 */
  readonly error?: string | undefined;
  readonly description?: string | undefined;
  /** The scope that the refused guard asks for. */
  readonly scope?: string | undefined;
}

/** The value of a `WWW-Authenticate` header. Every part is from our own tables or checked options: plain ASCII. */
export function challenge(space: ProtectionSpace, details: ChallengeDetails = {}): string {
  const parameters: [string, string | undefined][] = [
    ['realm', space.realm],
    ['error', details.error],
    ['error_description', details.description],
    ['scope', details.scope],
  ];
  return `Bearer ${parameters
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`;
}

/** Checks the option `realm`: it must stand between the quotes of a challenge without escaping. RFC 6750 §3 */
export function toProtectionSpace(realm: unknown): ProtectionSpace {
  if (typeof realm !== 'string' || !/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/.test(realm)) {
    return refuseOption('realm', 'printable ASCII without quotes and backslashes', realm);
  }
  return Object.freeze({ realm });
}
