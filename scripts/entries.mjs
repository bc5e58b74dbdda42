// The entries of the packages, as the `exports` of each package.json name them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Folder of each package, and its manifest. */
export const packages = readdirSync(join(root, 'packages')).map((name) => {
  const folder = join(root, 'packages', name);
  return { folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) };
});

/** Whether a package runs in browsers too. It is published as one file, and held to a size. */
export const isForBrowsers = (name) => name === '@tokenpair/client';

/** The absolute paths of an entry's files: CommonJS with its types, and the ES module with its types. */
export function entriesOf({ folder, name, exports }) {
  return Object.entries(exports)
    .filter(([path]) => path !== './package.json')
    .map(([path, { import: esm, require: cjs }]) => ({
      specifier: join(name, path),
      js: join(folder, cjs.default),
      dts: join(folder, cjs.types),
      mjs: join(folder, esm.default),
      dmts: join(folder, esm.types),
    }));
}
