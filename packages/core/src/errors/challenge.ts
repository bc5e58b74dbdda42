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
  readonly error?: string | undefined;
  readonly description?: string | undefined;
  /** The scope that a guard requires. */
  readonly scope?: string | undefined;
  /** Seconds since the last authentication that a guard allows. RFC 9470 §3 */
  readonly maxAge?: number | undefined;
  /** The levels of which a guard requires one. RFC 9470 §3 */
  readonly acrValues?: readonly string[] | undefined;
}

/**
 * Writes a challenge. It has no `error` for a request without a bearer credential. RFC 6750 §3.1
 *
 * Does not escape: every part comes from the error table or from checked options, which are ASCII without quotes and backslashes.
 */
export function challenge(
  { realm, resourceMetadata: resource_metadata }: ProtectionSpace,
  details: ChallengeDetails = {},
): string {
  const { error, description: error_description, scope, maxAge: max_age, acrValues } = details;
  const acr_values = acrValues?.length ? acrValues.join(' ') : undefined;
  const parameters = {
    realm,
    error,
    error_description,
    scope,
    max_age,
    acr_values,
    resource_metadata,
  };
  return `Bearer ${Object.entries(parameters)
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

export function toProtectionSpace(options: ProtectionSpaceOptions): ProtectionSpace {
  const { realm = 'api', resourceMetadata } = options;
  if (typeof realm !== 'string' || !/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/.test(realm)) {
    refuseOption('realm', 'printable ASCII without quotes and backslashes', realm);
  }
  if (resourceMetadata === undefined) return Object.freeze({ realm });
  const url = requireUrl('resourceMetadata', resourceMetadata);
  return Object.freeze({ realm, resourceMetadata: url });
}
