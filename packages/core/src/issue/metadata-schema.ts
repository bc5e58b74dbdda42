// Checks the metadata of a session with the schema of the application, before it is stored.

import { callHook } from '../hooks/hooks.js';
import { membersOf, readSchemaResult } from '../lib/standard-schema.js';
import type { IssuingContext } from './token-issuer.js';

/**
 * Requires that metadata fits `metadataSchema`, if there is one. The schema gets a copy.
 *
 * @throws TypeError it does not fit; the message names the members, not their values.
 * @throws {@link TemporarilyUnavailableError} (503) the schema failed, or was too slow.
 */
export async function requireFittingMetadata(
  { metadataSchema, hooks }: Pick<IssuingContext, 'metadataSchema' | 'hooks'>,
  metadata: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (metadataSchema === undefined) return;
  const issues = await callHook(
    hooks,
    'metadataSchema',
    () => metadataSchema['~standard'].validate(structuredClone(metadata)),
    (result) => readSchemaResult(result).issues,
  );
  if (issues === undefined) return;
  throw new TypeError(`metadata does not fit metadataSchema, at ${membersOf(issues)}`);
}
