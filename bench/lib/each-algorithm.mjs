// Contestants of one kind under every algorithm.

import { entriesOf } from './contestants.mjs';
import { byGroup, figureTable } from './figures.mjs';
import { interleave } from './interleave.mjs';

export async function eachAlgorithm({ kind, work, material, plan, algorithms, only, log }) {
  const entries = await entriesOf(kind);
  const figures = [];
  for (const algorithm of algorithms.filter(only)) {
    log(`${kind}: ${algorithm}`);
    const jobs = entries.map(({ contestant, name }) => ({
      name,
      group: algorithm,
      work,
      contestant,
      entry: name,
      algorithm,
      material,
    }));
    figures.push(...(await interleave(jobs, plan)));
  }
  return figures;
}

/** A heading and a table for every group. */
export function tables(figures, against) {
  return byGroup(figures).flatMap(([group, members]) => [
    `### ${group}`,
    figureTable({ figures: members, against }),
  ]);
}
