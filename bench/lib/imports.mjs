// How much CPU time a fresh process takes to load core, with and without the modules of revocation.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { answerOf } from './interleave.mjs';

const worker = fileURLToPath(new URL('./import-worker.mjs', import.meta.url));

/** @returns nanoseconds of CPU time of each launch, in turn: what slows the machine down slows both of a pair down. */
export async function measureImports(launches) {
  const times = { with: [], without: [] };
  for (let launch = 0; launch < launches; launch++) {
    const names = launch % 2 === 0 ? ['with', 'without'] : ['without', 'with'];
    for (const name of names) times[name].push(await load(name));
  }
  return times;
}

async function load(name) {
  const child = fork(worker, [name]);
  const { cpu } = await answerOf(child, { name: `import ${name}` });
  return cpu;
}
