// Packs the built packages, and runs commands of which the output matters only when they fail.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { packages } from './entries.mjs';

const root = join(import.meta.dirname, '..');

/** Writes the tarballs into the folder. The result is `file:` and the path of each, by the package's name. */
export function packInto(folder) {
  run(root, 'pnpm', '--recursive', '--filter', './packages/*', 'pack', '--out', `${folder}/%s.tgz`);
  return Object.fromEntries(
    packages.map(({ name }) => [
      name,
      `file:${folder}/${name.replace('@', '').replace('/', '-')}.tgz`,
    ]),
  );
}

/** Installs what the package.json of the folder names, as npm does outside a workspace. */
export function installByNpm(folder) {
  run(folder, 'npm', 'install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund');
}

export function writeJson(file, value) {
  writeFileSync(file, JSON.stringify(value, null, 2));
}

/** Shows what the command printed only when it fails. */
export function run(cwd, command, ...args) {
  // An npx that started this script hands down which package it runs, and where. Another npx would take that for its own.
  const { npm_config_package: _package, npm_config_local_prefix: _place, ...env } = process.env;
  try {
    execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const printed = `${error.stdout}${error.stderr}`;
    throw new Error(`${command} ${args.join(' ')}\n${printed}`, { cause: error });
  }
}
