// The tests in a real browser, started by scripts/test-browser.mjs. They are no part of `pnpm test`.
import config, { project } from './jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...config,
  projects: [{ ...project, testMatch: ['<rootDir>/test/**/*.browser.ts'] }],
  // One browser each; most of the time they wait.
  maxWorkers: 2,
};
