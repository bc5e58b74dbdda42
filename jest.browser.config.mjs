// The tests in a real browser: `pnpm run test:browser`. They are no part of `pnpm test`, and need no Redis.
import config from './jest.config.mjs';
import { chromium } from './scripts/ensure-chromium.mjs';

process.env.CHROMIUM = chromium;

const { globalSetup: _setup, globalTeardown: _teardown, ...shared } = config;

/** @type {import('jest').Config} */
export default {
  ...shared,
  testMatch: ['<rootDir>/test/**/*.browser.ts'],
  maxWorkers: 1,
  // A browser has many processes, and starts them in hooks and tests.
  testTimeout: 60_000,
};
