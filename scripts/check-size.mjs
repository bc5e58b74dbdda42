// Fails when the client is no module that a browser can load as it is, or is larger than its budget: minified and compressed.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { minify } from '@swc/core';
import { rollup } from 'rollup';

import { entriesOf, isForBrowsers, packages } from './entries.mjs';

/** Bytes, by what an application imports. */
const budgets = { createClient: 6_432, 'createClient, eachToken': 6_582 };

const [{ mjs }] = packages.filter(({ name }) => isForBrowsers(name)).flatMap(entriesOf);
if (/^import |\brequire\(|\bprocess\./m.test(readFileSync(mjs, 'utf8'))) {
  throw new Error(`${mjs} needs more than a browser has`);
}
for (const [names, budget] of Object.entries(budgets)) {
  const size = await sizeOf(`export { ${names} } from ${JSON.stringify(mjs)};`);
  console.log(`the client with ${names}: ${size} of ${budget} bytes`);
  if (size > budget) process.exitCode = 1;
}

async function sizeOf(text) {
  const entry = {
    resolveId: (specifier) => (specifier === 'entry' ? specifier : undefined),
    load: (id) => (id === 'entry' ? text : undefined),
  };
  const bundle = await rollup({ input: 'entry', plugins: [entry] });
  const { output } = await bundle.generate({ format: 'es' });
  const { code } = await minify(output[0].code, {
    module: true,
    ecma: 2021,
    compress: { passes: 3 },
    mangle: true,
  });
  return gzipSync(code, { level: 9 }).length;
}
