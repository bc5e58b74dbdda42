// Section `startup`: what it takes to import, and what lies on disk.

import { fork } from 'node:child_process';

import { inGroup } from '../lib/figures.mjs';
import { installedSize } from '../lib/installed-size.mjs';
import { interleave } from '../lib/interleave.mjs';
import { answerOf } from '../lib/start-worker.mjs';
import { ratio } from '../lib/statistics.mjs';
import { toKilobytes, toRatio, toSpread, toTable, toTime } from '../lib/table.mjs';
import { atMost } from '../lib/targets.mjs';

const file = new URL('../work/import.mjs', import.meta.url);
const ours = '@tokenpair/core';
const base = 'jsonwebtoken + lru-cache';
const packages = {
  [ours]: [ours],
  [base]: ['jsonwebtoken', 'lru-cache'],
  jsonwebtoken: ['jsonwebtoken'],
  jose: ['jose'],
  'fast-jwt': ['fast-jwt'],
  'express-jwt': ['express-jwt'],
  'express-oauth2-jwt-bearer': ['express-oauth2-jwt-bearer'],
  'passport + passport-jwt': ['passport', 'passport-jwt'],
  'koa-jwt': ['koa-jwt'],
  ioredis: ['ioredis'],
  'redis (node-redis)': ['redis'],
};

export async function run({ plan, only, log }) {
  log('startup: imports');
  const jobs = Object.entries(packages)
    .filter(([name]) => only(name))
    .map(([name, specifiers]) => ({
      name,
      group: 'import',
      specifiers,
    }));
  // Each round is a process of its own, so launches add nothing but rounds.
  const rounds = { ...plan, launches: 1, rounds: plan.launches * plan.rounds };
  const figures = await interleave(jobs, rounds, startImport);
  const sizes = jobs.map(({ name }) => ({ name, ...installedSize(packages[name]) }));
  return { figures, sizes };
}

async function startImport(job) {
  const round = async () => {
    const child = fork(file, [JSON.stringify(job)]);
    return { operations: 1, ...(await answerOf(child, job)) };
  };
  // The files are in the system's cache from here on.
  await round();
  return { round, stop: () => undefined };
}

export function describe({ figures, sizes }) {
  return [
    '`import` in a process that has just started, with all files in the cache of the system; and bytes on disk, dependencies included.',
    toTable(
      ['', 'import, wall', 'CPU', 'on disk', 'packages'],
      figures.map(({ name, wall, cpu }, at) => [
        name,
        toSpread(wall),
        toTime(cpu.median),
        toKilobytes(sizes[at].bytes),
        String(sizes[at].packages),
      ]),
    ),
  ];
}

export function targets({ figures }) {
  const find = inGroup(figures, 'import');
  return [
    atMost(
      `import of ${ours} against ${base}`,
      ratio(find(ours).cpu, find(base).cpu),
      1.2,
      toRatio,
    ),
  ];
}
