// Builds the packages: `tsc` writes CommonJS, and each entry gets an ES module that exports the same values by name. Docstrings
// are left to the declarations, which are published with the code. A package for browsers is bundled instead, as one ES module
// and one CommonJS file: a browser loads the module as it is.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';

import { transform } from '@swc/core';
import { rollup } from 'rollup';

import { entriesOf, isForBrowsers, packages } from './entries.mjs';

const root = join(import.meta.dirname, '..');
const tsc = ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.packages.json'];
execFileSync(process.execPath, tsc, { cwd: root, stdio: 'inherit' });

for (const dist of packages.map(({ folder }) => join(folder, 'dist'))) {
  const names = readdirSync(dist, { recursive: true });
  for (const file of names.filter((name) => name.endsWith('.js')).map((name) => join(dist, name))) {
    writeFileSync(file, withoutDocstrings(readFileSync(file, 'utf8')));
  }
}

const require = createRequire(import.meta.url);
for (const { js, mjs } of packages.filter(({ name }) => !isForBrowsers(name)).flatMap(entriesOf)) {
  const names = Object.keys(require(js)).join(', ');
  writeFileSync(mjs, `export { ${names} } from './${basename(js)}';\n`);
}

for (const { folder, ...manifest } of packages.filter(({ name }) => isForBrowsers(name))) {
  const [{ js, mjs }] = entriesOf({ folder, ...manifest });
  const bundle = await rollup({ input: join(folder, 'src/index.ts'), plugins: [typescript()] });
  await bundle.write({ file: mjs, format: 'es' });
  await bundle.write({ file: js, format: 'cjs' });
}

function withoutDocstrings(code) {
  return code.replace(/^ *\/\*\*[^]*?\*\/\n/gm, '');
}

/** Takes the types out; the target is that of the package's tsconfig.json. */
function typescript() {
  return {
    resolveId: (specifier, importer) =>
      importer === undefined ? undefined : join(importer, '..', specifier.replace(/\.js$/, '.ts')),
    async transform(code) {
      const { code: compiled } = await transform(code, {
        jsc: {
          target: 'es2021',
          parser: { syntax: 'typescript' },
          transform: { useDefineForClassFields: false },
        },
      });
      return { code: withoutDocstrings(compiled), map: null };
    },
  };
}
