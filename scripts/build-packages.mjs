// Builds the packages. `tsc` checks the types and writes the declarations. The code of a package is bundled, since a hundred files
// take longer to load than one: CommonJS, and for each entry an ES module that exports the same values by name. A package for
// browsers gets a whole ES module instead: a browser loads it as it is. Docstrings are left to the declarations, which are published
// with the code.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { bundle } from './bundle.mjs';
import { entriesOf, isForBrowsers, packages } from './entries.mjs';

const root = join(import.meta.dirname, '..');
const tsc = ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.packages.json'];
execFileSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' });

for (const manifest of packages) {
  const { folder, name, bin = {} } = manifest;
  const dist = join(folder, 'dist');
  const entries = entriesOf(manifest);
  const programs = Object.values(bin).map((path) => resolve(folder, path));
  const { write } = await bundle(manifest, [...entries.map(({ js }) => js), ...programs]);
  const { output } = await write({ dir: dist, format: 'cjs' });
  if (isForBrowsers(name)) {
    await write({ dir: dist, format: 'es', entryFileNames: '[name].mjs' });
    continue;
  }
  for (const { js, mjs } of entries) {
    const { exports } = output.find(({ fileName }) => fileName === basename(js));
    writeFileSync(mjs, `export { ${exports.join(', ')} } from './${basename(js)}';\n`);
  }
}
