// Runs the tests in Chromium; installs it first where it is missing and we may. CHROMIUM=<path> names another one.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

if (!process.env.CHROMIUM && !findChromium()) installChromium();
const chromium = process.env.CHROMIUM || findChromium();
if (chromium) {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const options = ['--config', 'jest.browser.config.mjs', ...process.argv.slice(2)];
  process.exitCode = run(process.execPath, [jest, ...options], { CHROMIUM: chromium });
} else {
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
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], env);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], env);
}

function run(command, options, env) {
  const { status } = spawnSync(command, options, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return status ?? 1;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
