// Bytes on disk of a package and of all that it depends on.

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { findPackageJSON } from './find-package.mjs';

/** @returns bytes, and how many packages they are in. */
export function installedSize(names) {
  const folders = new Set();
  const visit = (name, from) => {
    const file = findPackageJSON(name, from);
    // What is optional may be absent.
    if (file === undefined || folders.has(dirname(file))) return;
    folders.add(dirname(file));
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(readFileSync(file, 'utf8'));
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
      visit(dependency, dirname(file));
    }
  };
  for (const name of names) visit(name);
  const bytes = [...folders].reduce((sum, folder) => sum + published(folder), 0);
  return { bytes, packages: folders.size };
}

// Of a workspace package only what is published.
function published(folder) {
  const isOurs = folder.includes(join('/', 'packages', '/')) && !folder.includes('node_modules');
  if (!isOurs) return sizeOf(folder);
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [{ unpackedSize }] = JSON.parse(execFileSync('npm', pack, { cwd: folder }).toString());
  return unpackedSize;
}

function sizeOf(path) {
  const about = statSync(path);
  if (!about.isDirectory()) return about.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
