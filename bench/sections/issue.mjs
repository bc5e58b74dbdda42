// Section `issue`: a login, from the grant to the pair.

import { figureTable, inGroup } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { writeMaterial } from '../lib/material.mjs';
import { withRedis } from '../lib/redis.mjs';
import { toSpread, toTable, toTime } from '../lib/table.mjs';
import { atMost } from '../lib/targets.mjs';

const memory = new URL('../work/issue.mjs', import.meta.url).href;
const redis = new URL('../work/rotate.mjs', import.meta.url).href;

export async function run({ plan, algorithms, quick, only, log }) {
  const material = writeMaterial(1);
  const figures = [];
  if (only('memory')) {
    log('issue: memory');
    const jobs = algorithms.map((algorithm) => ({
      name: algorithm,
      group: 'memory',
      work: memory,
      material,
      algorithm,
    }));
    figures.push(...(await interleave(jobs, plan)));
  }
  if (only('redis')) {
    log('issue: Redis');
    await withRedis(async ({ port }) => {
      const jobs = ['node-redis', 'ioredis'].map((library) => ({
        name: library,
        group: 'redis',
        work: redis,
        contestant: 'tokenpair',
        kind: 'logins',
        entry: 'tokenpair, issueTokenPair',
        library,
        port,
        lanes: quick ? 8 : 64,
        connections: 1,
        sessions: 1,
        material,
        algorithm: 'HS256',
      }));
      figures.push(...(await interleave(jobs, plan)));
    });
  }
  return { figures };
}

export function describe({ figures }) {
  const memoryFigures = figures.filter(({ group }) => group === 'memory');
  return [
    'A login over the memory store: the whole of `issueTokenPair`, the signing of the access token within it, and the rest.',
    partsTable(memoryFigures),
    'Over Redis with 64 in flight, HS256; CPU of this process, not of Redis.',
    figureTable({ figures: figures.filter(({ group }) => group === 'redis') }),
  ];
}

export function targets({ figures }) {
  return [restTarget('issue', figures)];
}

/**
 * What is left without the signing is the same whatever signs. It is judged by HS256, since the difference of two times of
 * 300 µs, as RS256 has them, says nothing of 10.
 */
export function restTarget(what, figures) {
  const { rest } = inGroup(figures, 'memory')('HS256').parts;
  return atMost(
    `${what} with the memory store, without the signing`,
    rest.cpu.median,
    15_000,
    toTime,
  );
}

/** Figures of a whole, what signing takes of it, and what is left. */
export function partsTable(figures) {
  return toTable(
    ['', 'CPU, whole', 'CPU, signing', 'CPU, rest', 'wall, whole'],
    figures.map(({ name, cpu, wall, parts: { signing, rest } }) => [
      name,
      toSpread(cpu),
      toSpread(signing.cpu),
      toSpread(rest.cpu),
      toTime(wall.median),
    ]),
  );
}
