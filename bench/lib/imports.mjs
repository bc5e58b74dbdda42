// How much CPU time a fresh process takes to load core, with and without the modules of revocation.

import { fork } from 'node:child_process';
import { accessSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundle } from '../../scripts/bundle.mjs';
import { entriesOf, packages } from '../../scripts/entries.mjs';
import { answerOf } from './interleave.mjs';

const worker = fileURLToPath(new URL('./import-worker.mjs', import.meta.url));
const core = packages.find(({ name }) => name === '@tokenpair/core');
const sources = join(core.folder, 'src');

/** The rest of the feature, in other rooms. */
const others = [
  'issue/announce.ts',
  'issue/ended-session.ts',
  'issue/issuer-role.ts',
  'issue/revoke-claims.ts',
  'issue/revoke-everything.ts',
  'issue/token-position.ts',
  'remote-keys/remote-revocations.ts',
  'verify/require-standing.ts',
  'verify/watch-token.ts',
];

/** @returns nanoseconds of CPU time of each launch, in turn: what slows the machine down slows both of a pair down. */
export async function measureImports(launches) {
  // Beside the package, where its dependencies are found.
  const dir = join(core.folder, 'node_modules/.without-revocation');
  await buildWithout(dir);
  const [entry] = entriesOf(core);
  const files = { with: entry.js, without: join(dir, 'index.js') };
  const times = { with: [], without: [] };
  try {
    for (let launch = 0; launch < launches; launch++) {
      const names = launch % 2 === 0 ? ['with', 'without'] : ['without', 'with'];
      for (const name of names) times[name].push(await load(name, files[name]));
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
  return times;
}

/** Builds core as it is published, but the modules of the feature are empty. */
async function buildWithout(dir) {
  const room = readdirSync(join(sources, 'revocations')).map((name) => `revocations/${name}`);
  const feature = [...room, ...others].map((name) => join(sources, name));
  // Fails when one of them has another name.
  for (const file of feature) accessSync(file);
  const empty = {
    name: 'empty',
    load: (id) => (feature.includes(id) ? '' : undefined),
  };
  const files = entriesOf(core).map(({ js }) => js);
  // What the other modules import from these is `undefined`, and a message about each.
  const options = { plugins: [empty], shimMissingExports: true, onLog() {} };
  const { write } = await bundle(core, files, options);
  await write({ dir, format: 'cjs' });
}

async function load(name, file) {
  const child = fork(worker, [file]);
  const { cpu } = await answerOf(child, { name: `import ${name}` });
  return cpu;
}
