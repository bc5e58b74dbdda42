// Tests run on the sources. What is published is used as applications use it by scripts/use-packages.mjs.

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  transform: {
    '^.+\\.ts$|/(?:bench/lib|test/support)/.+\\.mjs$|/playground/public/.+\\.js$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^@tokenpair/example-demo$': '<rootDir>/examples/demo/src/index.ts',
    '^@tokenpair/example-(express|koa)-login$': '<rootDir>/examples/$1-login/src/app.ts',
    '^@tokenpair/core/(.+)$': '<rootDir>/packages/core/src/$1.ts',
    '^@tokenpair/([^/]+)$': '<rootDir>/packages/$1/src/index.ts',
    // `./x.js` in a TypeScript source is `./x.ts` on disk.
    '^(\\.{1,2}/(?!.*node_modules).+)\\.js$': '$1',
  },
  // Many tests wait for servers: with one process less than processors, as by default, a small machine is idle half of the time.
  maxWorkers: '100%',
  // For machines that are busy with something else; no test waits so long.
  testTimeout: 20_000,
  reporters: ['default', '<rootDir>/scripts/jest-summary-reporter.mjs'],
  // `pnpm run test:coverage` counts in the tests of units and contracts only. Stories and models would cover the rest by chance.
  coverageProvider: 'babel',
  coverageReporters: [['text', { skipFull: true }], 'lcovonly'],
  // The program runs in processes of its own.
  collectCoverageFrom: ['packages/*/src/**/*.ts', '!packages/cli/src/bin.ts'],
  coverageThreshold: { global: { statements: 95, branches: 95, functions: 95, lines: 95 } },
};
