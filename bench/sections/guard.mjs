// Section `guard`: CPU time of a guard per request, beside the guards of other libraries.

import { guards } from '../lib/guards.mjs';
import { interleave } from '../lib/interleave.mjs';
import { algorithms, writeMaterial } from '../lib/material.mjs';
import { compare, summarise } from '../lib/statistics.mjs';
import { toRatio, toSpread, toTable, toTime } from '../lib/table.mjs';

const cached = 'tokenpair';
const uncached = 'tokenpair, cache: false';
const pairs = [
  { ours: cached, theirs: 'fast-jwt, cache: 10 000', most: () => 1 / 3.5 },
  {
    ours: cached,
    theirs: 'express-jwt, KeyObject',
    most: (algorithm) => 1 / { HS256: 25, RS256: 50, ES256: 100 }[algorithm],
  },
  { ours: uncached, theirs: 'passport-jwt, KeyObject', most: () => 1.1 },
];

const fullPlan = { launches: 3, rounds: 8, roundTime: 50e6, warmUp: 900e6 };
const quickPlan = { launches: 1, rounds: 2, roundTime: 1e6, warmUp: 1e6 };

export async function run({ quick }) {
  const material = writeMaterial(quick ? 20 : 1_000);
  const names = Object.keys(guards);
  const times = [];
  const ratios = [];
  const targets = [];
  for (const algorithm of algorithms) {
    console.error(`guard: ${algorithm}`);
    const jobs = names.map((name) => ({ name, algorithm, material }));
    const samples = await interleave(jobs, quick ? quickPlan : fullPlan);
    const of = (name) => samples[names.indexOf(name)];
    times.push([algorithm, ...names.map((name) => toSpread(summarise(of(name).flat()), toTime))]);
    for (const { ours, theirs, most } of pairs) {
      const ratio = compare(of(ours), of(theirs));
      const what = `${ours} / ${theirs} (${algorithm})`;
      const launches = `${toRatio(ratio.lowestLaunch)} to ${toRatio(ratio.highestLaunch)}`;
      ratios.push([what, toSpread(ratio, toRatio), launches]);
      targets.push({ what, measured: ratio.median, most: most(algorithm), format: toRatio });
    }
  }
  const tables = [
    toTable(['CPU time per request', ...names], times),
    toTable(['ratio of CPU times', 'median (middle half)', 'medians of launches'], ratios),
  ];
  return { tables, targets };
}
