// Finds a Chromium or Chrome for the tests in a browser; installs one where there is none and we may. The shell without
// a window is the same browser and costs half as much. CHROMIUM=<path> names another one.
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
  return ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isExecutable);
}

function installChromium() {
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) return;
  console.log('There is no Chromium: installing it with apt-get.');
  run('apt-get', 'update', '-qq');
  const install = ['install', '-y', '-qq', '--no-install-recommends'];
  // Not every release has the shell by itself.
  if (!run('apt-get', ...install, 'chromium-headless-shell'))
    run('apt-get', ...install, 'chromium');
}

function run(command, ...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { stdio: 'inherit', env }).status === 0;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
