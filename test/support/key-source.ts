// Looks up keys in a key source as a verifier does. The public type does not show how.

import type { KeySource } from '@tokenpair/core';

import type { ImportedKey } from '../../packages/core/src/keys/keys.js';

type Answer = ImportedKey | undefined | Promise<ImportedKey | undefined>;

/** A key, however long it takes; what is thrown is a rejection. */
export async function ask(source: KeySource, kid: string): Promise<Awaited<Answer>> {
  return find(source, kid);
}

/** A key that must be at hand; `undefined` when it is known that there is none. */
export function atHand(source: KeySource, kid: string): ImportedKey | undefined {
  const answer = find(source, kid);
  if (answer instanceof Promise) throw new Error(`the key '${kid}' has to be loaded`);
  return answer;
}

function find(source: KeySource, kid: string): Answer {
  return (source as unknown as { find(kid: string): Answer }).find(kid);
}
