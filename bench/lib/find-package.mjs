// Where a package is installed, as the modules of another folder see it.

import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));

/** The path of a package's package.json; not every `exports` lets Node say it. */
export function findPackageJSON(name, from = here) {
  for (let folder = realpathSync(from); ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(file)) return realpathSync(file);
    if (folder === dirname(folder)) return undefined;
  }
}
