// Finds a Chromium or Chrome for the tests in a browser; installs one where there is none and we may.
// CHROMIUM=<path> names another one.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

if (!process.env.CHROMIUM && !findChromium()) installChromium();
export const chromium = process.env.CHROMIUM || findChromium();
if (!chromium) {
  console.error('These tests need Chromium or Chrome. Install one, or say where it is:');
  console.error('  sudo apt-get install chromium');
  console.error('  CHROMIUM=/path/to/chrome pnpm run test:browser');
  process.exitCode = 1;
}

function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable);
}

function installChromium() {
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) return;
  console.log('There is no Chromium: installing it with apt-get.');
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium');
}

function run(command, ...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync(command, args, { stdio: 'inherit', env });
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
