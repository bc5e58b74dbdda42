// Section `sign`: the access token of a login.

import { eachAlgorithm } from './verify.mjs';

const work = new URL('../work/sign.mjs', import.meta.url).href;

export async function run(settings) {
  return { figures: await eachAlgorithm('signers', work, settings) };
}
