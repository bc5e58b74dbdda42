// Says of every guard, verifier and signer, under every algorithm, what is wrong with it: one line of JSON each.

import { createEntry, entriesOf } from './lib/contestants.mjs';
import { createRequestFactory } from './lib/fresh-requests.mjs';
import {
  judgeByGuard,
  judgeByVerifier,
  requireGoodSignature,
  requireHonest,
} from './lib/honesty.mjs';
import { algorithms, readMaterial, writeMaterial } from './lib/material.mjs';

const checks = {
  guards: async (guard, material, { framework }) =>
    requireHonest(judgeByGuard(framework, guard, await createRequestFactory(framework)), material),
  verifiers: (verify, material) => requireHonest(judgeByVerifier(verify), material),
  signers: requireGoodSignature,
};

const folder = writeMaterial(5);
for (const algorithm of algorithms) {
  const material = readMaterial(folder, algorithm);
  for (const [kind, check] of Object.entries(checks)) {
    for (const entry of await entriesOf(kind)) {
      const { contestant, name, framework } = entry;
      let problem = null;
      try {
        const made = await createEntry(kind, { contestant, entry: name, framework }, material);
        await check(made, material, entry);
      } catch (error) {
        problem = error.message;
      }
      console.log(JSON.stringify({ kind, name, framework, algorithm, problem }));
    }
  }
}
// A contestant may hold the process, by a timer or a connection.
process.exit();
