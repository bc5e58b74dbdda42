// A round of verifying with so many tokens in the cache, each met in turn but not in the order of their making.

import { createEntry } from '../lib/contestants.mjs';
import { freshHeaders } from '../lib/fresh-requests.mjs';
import { makeTokens, readMaterial } from '../lib/material.mjs';
import { createRounds } from '../lib/rounds-of-calls.mjs';

// A prime, so every power of ten is gone through to the last.
const stride = 48_271;

export async function prepare({ count, ...job }) {
  const material = readMaterial(job.material, job.algorithm);
  const headerAt = freshHeaders(makeTokens(material, count));
  const verify = await createEntry('largeVerifiers', job, material);
  for (let at = 0; at < count; at++) await verify(headerAt(at));
  return createRounds(verify, (at) => headerAt((at * stride) % count));
}
