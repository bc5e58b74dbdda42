// Bytes that an entry keeps alive: memory before and after so many have been made, each time with all rubbish gone.

import { setImmediate as turn } from 'node:timers/promises';

import { createEntry } from '../lib/contestants.mjs';
import { makeTokens, readMaterial } from '../lib/material.mjs';

const { material: folder, count, ...job } = JSON.parse(process.argv[2]);
const material = readMaterial(folder, 'HS256');

// What is made once, by whoever comes first, belongs to no entry; what is laid out for all entries belongs to each.
await fill(await create(1_000), 1_000);
const before = await used();
const keep = await create(count);
await fill(keep, count);
process.send({ bytes: ((await used()) - before) / count });
// Until then nothing of it may be collected.
process.once('exit', () => keep);

function create(entries) {
  return createEntry('keepers', job, { ...material, count: entries });
}

async function fill(keepOne, entries) {
  for (let at = 0; at < entries; at += 1_000) {
    const end = Math.min(at + 1_000, entries);
    // A token of its own each time: what a contestant does not keep is gone.
    const tokens = job.needsTokens ? makeTokens(material, end - at, at) : [];
    for (let one = at; one < end; one++) await keepOne(one, tokens[one - at]);
  }
}

async function used() {
  for (let passes = 0; passes < 6; passes++) {
    globalThis.gc();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
