// Section `sign`: the access token of a login.

import { eachAlgorithm, tables } from '../lib/each-algorithm.mjs';
import { byGroup, inGroup } from '../lib/figures.mjs';
import { writeMaterial } from '../lib/material.mjs';
import { ratio } from '../lib/statistics.mjs';
import { toRatio } from '../lib/table.mjs';
import { atMost } from '../lib/targets.mjs';

const work = new URL('../work/sign.mjs', import.meta.url).href;
const peer = 'jsonwebtoken, KeyObject';

export async function run(settings) {
  const material = writeMaterial(1);
  return { figures: await eachAlgorithm({ kind: 'signers', work, material, ...settings }) };
}

export function describe({ figures }) {
  return [
    'An access token with eight claims for another subject each time, its `jti` from `randomUUID`. Ours is the step `signAccessToken` inside `issueTokenPair`, promise and all.',
    ...tables(figures, ['raw node:crypto', peer]),
  ];
}

export function targets({ figures }) {
  return byGroup(figures).map(([algorithm]) => {
    const find = inGroup(figures, algorithm);
    const ours = find('tokenpair, inside issueTokenPair');
    return atMost(
      `sign, inside issueTokenPair, against ${peer} (${algorithm})`,
      ratio(ours.cpu, find(peer).cpu),
      1.15,
      toRatio,
    );
  });
}
