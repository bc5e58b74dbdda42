// Section `guard`: what a guard costs a request, called as Express and Koa call it.

import { entriesOf } from '../lib/contestants.mjs';
import { tables } from '../lib/each-algorithm.mjs';
import { byGroup, inGroup } from '../lib/figures.mjs';
import { interleave } from '../lib/interleave.mjs';
import { writeMaterial } from '../lib/material.mjs';
import { ratio } from '../lib/statistics.mjs';
import { toFraction, toRatio } from '../lib/table.mjs';
import { atMost } from '../lib/targets.mjs';

const work = new URL('../work/guard.mjs', import.meta.url).href;
const frameworks = { express: 'Express', koa: 'Koa' };
const limit = 'raw node:crypto';
const ours = { cached: 'tokenpair', uncached: 'tokenpair, cache: false' };

export async function run({ plan, algorithms, tokens, only, log }) {
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
  return byGroup(figures).flatMap(([group]) => {
    const find = inGroup(figures, group);
    const against = (one, other) => ratio(find(one).cpu, find(other).cpu);
    const cached = (peer, most) =>
      atMost(
        `guard, cached, against ${peer} (${group})`,
        against(ours.cached, peer),
        most,
        toFraction,
      );
    const uncached = (peer, most) =>
      atMost(
        `guard, not cached, against ${peer} (${group})`,
        against(ours.uncached, peer),
        most,
        toRatio,
      );
    const [onKoa, withHmac] = [group.startsWith('Koa'), group.endsWith('HS256')];
    return [
      cached('fast-jwt, its cache, by hand', 1 / 5),
      cached(onKoa ? 'koa-jwt, KeyObject' : 'express-jwt, KeyObject', 1 / (withHmac ? 30 : 80)),
      uncached(limit, withHmac ? 2.3 : 1.25),
      ...(onKoa ? [] : [uncached('passport-jwt, KeyObject', 1)]),
    ];
  });
}
