// Section `guard`: what a guard costs a request, called as Express and Koa call it.

import { entriesOf } from '../lib/contestants.mjs';
import { tables } from '../lib/each-algorithm.mjs';
import { inGroup } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { algorithms, writeMaterial } from '../lib/material.mjs';
import { ratio } from '../lib/statistics.mjs';
import { toFraction, toRatio } from '../lib/table.mjs';
import { atMost } from '../lib/targets.mjs';

const work = new URL('../work/guard.mjs', import.meta.url).href;
const frameworks = { express: 'Express', koa: 'Koa' };
const limit = 'raw node:crypto';
const ours = { cached: 'tokenpair', uncached: 'tokenpair, cache: false' };

export async function run({ plan, tokens, only, log }) {
  const material = writeMaterial(tokens);
  const entries = await entriesOf('guards');
  const figures = [];
  for (const [framework, title] of Object.entries(frameworks)) {
    for (const algorithm of algorithms) {
      const group = `${title}, ${algorithm}`;
      if (!only(group)) continue;
      log(`guard: ${group}`);
      const jobs = entries
        .filter((entry) => entry.framework === framework)
        .map(({ contestant, name, letsAllPass }) => ({
          name,
          group,
          work,
          contestant,
          entry: name,
          letsAllPass,
          framework,
          algorithm,
          material,
        }));
      figures.push(...(await interleave(jobs, plan)));
    }
  }
  return { figures };
}

export function describe({ figures }) {
  return [
    'The guard alone, called with a fresh request each time: `(req, res, next)` or `(ctx, next)`. The empty guard shows what the call itself costs; it is subtracted from nothing.',
    ...tables(figures, [limit, ours.cached]),
  ];
}

export function targets({ figures }) {
  return Object.entries(frameworks).flatMap(([framework, title]) =>
    algorithms.flatMap((algorithm) => {
      const find = inGroup(figures, `${title}, ${algorithm}`);
      const against = (one, other) => ratio(find(one).cpu, find(other).cpu);
      const where = `${title}, ${algorithm}`;
      const usual = framework === 'koa' ? 'koa-jwt, KeyObject' : 'express-jwt, KeyObject';
      const cached = (peer, most) =>
        atMost(
          `guard, cached, against ${peer} (${where})`,
          against(ours.cached, peer),
          most,
          toFraction,
        );
      const uncached = (peer, most) =>
        atMost(
          `guard, not cached, against ${peer} (${where})`,
          against(ours.uncached, peer),
          most,
          toRatio,
        );
      return [
        cached('fast-jwt, its cache, by hand', 1 / 5),
        cached(usual, algorithm === 'HS256' ? 1 / 30 : 1 / 80),
        uncached(limit, algorithm === 'HS256' ? 2.3 : 1.25),
        ...(framework === 'express' ? [uncached('passport-jwt, KeyObject', 1)] : []),
      ];
    }),
  );
}
