// Section `verify`: an Authorization value to claims, without a framework.

import { algorithms } from '../lib/material.mjs';
import { entriesOf } from '../lib/contestants.mjs';
import { interleave } from '../lib/interleave.mjs';
import { writeMaterial } from '../lib/material.mjs';

const work = new URL('../work/verify.mjs', import.meta.url).href;

export async function run({ plan, tokens, only, log }) {
  return { figures: await eachAlgorithm('verifiers', work, { plan, tokens, only, log }) };
}

export async function eachAlgorithm(kind, workOfKind, { plan, tokens, only, log }) {
  const material = writeMaterial(tokens);
  const entries = await entriesOf(kind);
  const figures = [];
  for (const algorithm of algorithms.filter(only)) {
    log(`${kind}: ${algorithm}`);
    const jobs = entries.map(({ contestant, name }) => ({
      name,
      group: algorithm,
      work: workOfKind,
      contestant,
      entry: name,
      algorithm,
      material,
    }));
    figures.push(...(await interleave(jobs, plan)));
  }
  return figures;
}
