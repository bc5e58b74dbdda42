// Section `verify`: an Authorization value to claims, without a framework; and whether it grows with what is cached.

import { entriesOf } from '../lib/contestants.mjs';
import { eachAlgorithm, tables } from '../lib/each-algorithm.mjs';
import { interleave } from '../lib/interleave.mjs';
import { writeMaterial } from '../lib/material.mjs';
import { toCount, toRatio, toSpread, toTable } from '../lib/table.mjs';
import { atMost } from '../lib/targets.mjs';

const work = new URL('../work/verify.mjs', import.meta.url).href;
const growing = new URL('../work/verify-many.mjs', import.meta.url).href;
const ours = 'tokenpair';
const floor = 'lru-cache by tail';

export async function run(settings) {
  const { plan, tokens, quick, only, log } = settings;
  const material = writeMaterial(tokens);
  const figures = await eachAlgorithm({ kind: 'verifiers', work, material, ...settings });
  const growth = [];
  for (const count of quick ? [1, 100] : [1, 10, 1_000, 100_000]) {
    if (!only('growth')) continue;
    log(`verify: ${count} cached tokens`);
    const jobs = (await entriesOf('largeVerifiers')).map(({ contestant, name }) => ({
      name,
      group: String(count),
      work: growing,
      contestant,
      entry: name,
      algorithm: 'HS256',
      count,
      material,
    }));
    growth.push(...(await interleave(jobs, plan)));
  }
  return { figures, growth };
}

export function describe({ figures, growth }) {
  const names = [...new Set(growth.map(({ name }) => name))];
  return [
    'The value of an `Authorization` header, a fresh string each time, to claims.',
    ...tables(figures, ['raw node:crypto', ours]),
    '### Cached tokens',
    `A hit among so many cached tokens, in no order that the processor could foresee (HS256, CPU). \`${floor}\`, by hand, pays the same for memory that is out of the processor's caches.`,
    toTable(
      ['cached tokens', ...names],
      [...new Set(growth.map(({ group }) => group))].map((count) => [
        toCount(Number(count)),
        ...names.map((name) => toSpread(find(growth, name, count).cpu)),
      ]),
    ),
  ];
}

export function targets({ growth }) {
  const counts = growth.map(({ group }) => Number(group));
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const grown = (name) =>
    find(growth, name, most).cpu.median / find(growth, name, least).cpu.median;
  return [
    atMost(
      `verification from ${toCount(least)} to ${toCount(most)} cached tokens, against the growth of ${floor}, which is the processor's caches`,
      grown(ours) / grown(floor),
      1.1,
      toRatio,
    ),
  ];
}

function find(growth, name, count) {
  return growth.find((figure) => figure.name === name && figure.group === String(count));
}
