// Writes the value of the `WWW-Authenticate` header, and checks the options for it. RFC 6750 §3

import { refuseOption, requireUrl } from '../lib/options.js';

/** The protected area that a challenge names. */
export interface ProtectionSpace {
  /** Name of the protected area. RFC 9110 §11.5 */
  readonly realm: string;
  /** URL of the resource's metadata document, if it has one. RFC 9728 §5.1 */
  readonly resourceMetadata?: string;
}

export interface ChallengeDetails {
  /** `undefined` when the request has no bearer credential. RFC 6750 §3.1 */
  readonly error?: string | undefined;
  readonly description?: string | undefined;
  /** The scope that the guard requires. */
  readonly scope?: string | undefined;
}

/**
 * Writes a challenge. Does not escape: every part comes from the error table or from checked options, which are ASCII without
 * quotes and backslashes.
 */
export function challenge(space: ProtectionSpace, details: ChallengeDetails = {}): string {
  const parameters: [string, string | undefined][] = [
    ['realm', space.realm],
    ['error', details.error],
    ['error_description', details.description],
    ['scope', details.scope],
    ['resource_metadata', space.resourceMetadata],
  ];
  return `Bearer ${parameters
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`;
}

/** Options that name the protected area. */
export interface ProtectionSpaceOptions {
  /** Name of the protected area in every challenge. Printable ASCII without `"` and `\`. @defaultValue `'api'` */
  readonly realm?: string | undefined;
  /** Absolute URL of the resource's metadata document, repeated in every challenge. RFC 9728 §5.1 */
  readonly resourceMetadata?: string | undefined;
}

/**
 * Checks the options that name the protected area. Challenges do not escape them. RFC 6750 §3
 *
 * @throws TypeError an option is wrong; the message names it.
 */
export function toProtectionSpace(options: ProtectionSpaceOptions): ProtectionSpace {
  const { realm = 'api', resourceMetadata } = options;
  if (!isQuotable(realm)) {
    return refuseOption('realm', 'printable ASCII without quotes and backslashes', realm);
  }
  if (resourceMetadata === undefined) return Object.freeze({ realm });
  return Object.freeze({
    realm,
    resourceMetadata: requireUrl('resourceMetadata', resourceMetadata),
  });
}

function isQuotable(text: unknown): boolean {
  return typeof text === 'string' && /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/.test(text);
}
