// Asks a key source as a verifier does; to everybody else it is opaque.

import type { KeySource } from '@tokenpair/core';

import type { ImportedKey } from '../../packages/core/src/keys.js';

type Answer = ImportedKey | undefined | Promise<ImportedKey | undefined>;

/** What is answered: a key or nothing when it is at hand, a promise when it has to be loaded. */
export function find(source: KeySource, kid: string): Answer {
  return (source as unknown as { find(kid: string): Answer }).find(kid);
}

/** The same, called later, so that what is thrown is a rejection. */
export async function ask(source: KeySource, kid: string): Promise<Awaited<Answer>> {
  return find(source, kid);
}

/** A key that must be at hand; `undefined` when it is known that there is none. */
export function atHand(source: KeySource, kid: string): ImportedKey | undefined {
  const answer = find(source, kid);
  if (answer instanceof Promise) throw new Error(`the key '${kid}' has to be loaded`);
  return answer;
}
