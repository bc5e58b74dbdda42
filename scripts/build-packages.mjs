// Builds the packages: `tsc` writes CommonJS, and each entry gets an ES module that exports the same values by name. Docstrings
// are left to the declarations, which are published with the code.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

import { entriesOf, packages } from './entries.mjs';

const root = join(import.meta.dirname, '..');
const tsc = ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.packages.json'];
execFileSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' });

for (const dist of packages.map(({ folder }) => join(folder, 'dist'))) {
  const names = readdirSync(dist, { recursive: true });
  for (const file of names.filter((name) => name.endsWith('.js')).map((name) => join(dist, name))) {
    const docstring = /^ *\/\*\*[^]*?\*\/\n/gm;
    writeFileSync(file, readFileSync(file, 'utf8').replace(docstring, ''));
  }
}

const require = createRequire(import.meta.url);
for (const { js, mjs } of packages.flatMap(entriesOf)) {
  const names = Object.keys(require(js)).join(', ');
  writeFileSync(mjs, `export { ${names} } from './${basename(js)}';\n`);
}
