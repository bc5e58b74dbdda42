// Section `http`: what a guard adds to a request of a real server.

import { entriesOf } from '../lib/contestants.mjs';
import { byGroup, inGroup } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { readMaterial, writeMaterial } from '../lib/material.mjs';
import { startServer } from '../lib/start-server.mjs';
import { toCount, toPercent, toSpread, toTable, toTime } from '../lib/table.mjs';
import { atMost } from '../lib/targets.mjs';

const frameworks = { express: 'Express', koa: 'Koa' };
const measured = [
  'empty guard',
  'tokenpair',
  'tokenpair, cache: false',
  'express-jwt, KeyObject',
  'koa-jwt, KeyObject',
  'fast-jwt, its cache, by hand',
  'lru-cache by tail, by hand',
];

export async function run({ plan, algorithms, tokens, quick, only, log }) {
  const material = writeMaterial(tokens);
  const entries = await entriesOf('guards');
  const load = quick
    ? { requests: 200, warmUpRequests: 100 }
    : { requests: 1_000, warmUpRequests: 12_000 };
  // Short ones and many: whatever else the machine does for a moment then spoils a few and not the median.
  const often = quick ? plan : { ...plan, launches: 2, rounds: 20 };
  const figures = [];
  for (const [framework, title] of Object.entries(frameworks)) {
    for (const algorithm of algorithms) {
      const group = `${title}, ${algorithm}`;
      if (!only(group)) continue;
      log(`http: ${group}`);
      const { tokens: sent, forged } = readMaterial(material, algorithm);
      const common = { group, framework, algorithm, material, tokens: sent, forged, ...load };
      const guarded = entries.filter(
        (entry) => entry.framework === framework && measured.includes(entry.name),
      );
      const jobs = [
        { ...common, name: 'bare route' },
        ...guarded.map(({ contestant, name, letsAllPass }) => ({
          ...common,
          name,
          contestant,
          entry: name,
          refuses: !letsAllPass,
        })),
      ];
      figures.push(...(await interleave(jobs, often, startServer)));
    }
  }
  return { figures };
}

export function describe({ figures }) {
  return [
    'One route of a server that answers a little JSON, in a process of its own; the load comes from another, over 16 connections that stay. CPU time of the server a request.',
    ...byGroup(figures).flatMap(([group, members]) => [`### ${group}`, table(group, members)]),
  ];
}

function table(group, figures) {
  const find = inGroup(figures, group);
  const [bare, empty] = [find('bare route').cpu.median, find('empty guard').cpu.median];
  return toTable(
    ['', 'CPU a request', 'above the bare route', 'above an empty guard', 'requests a second'],
    figures.map(({ name, cpu, wall }) => [
      name,
      toSpread(cpu),
      toPercent(cpu.median / bare - 1),
      toTime(cpu.median - empty),
      toCount(1e9 / wall.median),
    ]),
  );
}

export function targets({ figures }) {
  return byGroup(figures).map(([group]) => {
    const find = inGroup(figures, group);
    const ours = find('tokenpair').cpu.median;
    return group.startsWith('Koa')
      ? atMost(
          `guarded against bare route over HTTP, cached (${group})`,
          ours / find('bare route').cpu.median - 1,
          0.12,
          toPercent,
        )
      : atMost(
          `guarded over HTTP, cached, above an empty guard (${group})`,
          ours - find('empty guard').cpu.median,
          3_000,
          toTime,
        );
  });
}
