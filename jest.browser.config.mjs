// The tests in a real browser, started by scripts/test-browser.mjs. They are no part of `pnpm test`.
import config, { project } from './jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...config,
  // They need no Redis; their script has built the packages.
  projects: [
    {
      ...project,
      testMatch: ['<rootDir>/test/**/*.browser.ts'],
      globalSetup: undefined,
      globalTeardown: undefined,
    },
  ],
  maxWorkers: 1,
};
