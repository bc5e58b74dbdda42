// A round of signing: the access token of a login, each for another subject.

import { createEntry } from '../lib/contestants.mjs';
import { requireGoodSignature } from '../lib/honesty.mjs';
import { readMaterial } from '../lib/material.mjs';
import { createRounds } from '../lib/rounds-of-calls.mjs';

export async function prepare(job) {
  const material = readMaterial(job.material, job.algorithm);
  const sign = await createEntry('signers', job, material);
  await requireGoodSignature(sign, material);
  return createRounds(sign, (at) => `u_${at % 1_000}`);
}
