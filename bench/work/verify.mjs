// A round of verifying: an Authorization value as it comes from a socket, and the claims out of it.

import { createEntry } from '../lib/contestants.mjs';
import { freshHeaders } from '../lib/fresh-requests.mjs';
import { judgeByVerifier, requireHonest } from '../lib/honesty.mjs';
import { readMaterial } from '../lib/material.mjs';
import { createRounds } from '../lib/rounds-of-calls.mjs';

export async function prepare(job) {
  const material = readMaterial(job.material, job.algorithm);
  const verify = await createEntry('verifiers', job, material);
  await requireHonest(judgeByVerifier(verify), material);
  return createRounds(verify, freshHeaders(material.tokens));
}
