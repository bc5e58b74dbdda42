// Runs the tests in Chromium.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

import './build-packages.mjs';
import { chromium } from './ensure-chromium.mjs';

if (chromium) {
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
  const args = [jest, '--config', 'jest.browser.config.mjs', ...process.argv.slice(2)];
  const env = { ...process.env, CHROMIUM: chromium };
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1;
}
