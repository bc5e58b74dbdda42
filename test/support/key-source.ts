// Looks up keys in a key source as a verifier does. The public type does not show how.

import type { KeySource } from '@tokenpair/core';

import type { ImportedKey } from '../../packages/core/src/keys/keys.js';

type Answer = ImportedKey | undefined | Promise<ImportedKey | undefined>;

/** Looks up a key, and waits for it if it must be loaded. An error is a rejection. */
export async function ask(source: KeySource, kid: string): Promise<Awaited<Answer>> {
  return find(source, kid);
}

/** Looks up a key that is loaded already; `undefined` when the source has no such key. */
export function atHand(source: KeySource, kid: string): ImportedKey | undefined {
  const answer = find(source, kid);
  if (answer instanceof Promise) throw new Error(`the key '${kid}' is not loaded yet`);
  return answer;
}

function find(source: KeySource, kid: string): Answer {
  return (source as unknown as { find(kid: string): Answer }).find(kid);
}
