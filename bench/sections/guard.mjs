// Section `guard`: what a guard costs a request, called as Express and Koa call it.

import { entriesOf } from '../lib/contestants.mjs';
import { interleave } from '../lib/interleave.mjs';
import { algorithms, writeMaterial } from '../lib/material.mjs';

const work = new URL('../work/guard.mjs', import.meta.url).href;

export async function run({ plan, tokens, only, log }) {
  const material = writeMaterial(tokens);
  const entries = await entriesOf('guards');
  const figures = [];
  for (const framework of ['express', 'koa']) {
    for (const algorithm of algorithms) {
      const jobs = entries
        .filter((entry) => entry.framework === framework)
        .map(({ contestant, name }) => ({
          name,
          group: `${framework} ${algorithm}`,
          work,
          contestant,
          entry: name,
          framework,
          algorithm,
          material,
        }));
      if (!only(`${framework} ${algorithm}`)) continue;
      log(`guard: ${framework}, ${algorithm}`);
      figures.push(...(await interleave(jobs, plan)));
    }
  }
  return { figures };
}
