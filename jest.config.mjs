import { availableParallelism } from 'node:os';

// Stories, models and failures: they run the same statements again and again, so coverage is not counted in them. What is
// covered is covered by the tests of units and contracts.
const proofs = [
  'adapters/koa-router',
  'bench',
  'core/issue/rotation-model',
  'core/issue/tabs-model',
  'core/verify/verify-access-token.property',
  'docs',
  'examples',
  'journeys',
  'packages/snippets',
  'redis',
  'redis-failures',
  'stores/naive-store',
];

// Tests run on the packages as they are published: `globalSetup` builds them, `require` finds them by their exports. What is
// covered is told of the sources, by the maps of the build.

/** What tests of every kind need. */
export const project = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/redis-teardown.ts',
  testPathIgnorePatterns: ['/node_modules/'],
  transform: {
    '/packages/[^/]+/dist/cjs/.+\\.js$': '<rootDir>/scripts/jest-built-file.mjs',
    '^.+\\.ts$|/bench/lib/.+\\.mjs$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    // Private and never built for require.
    '^@tokenpair/example-demo$': '<rootDir>/examples/demo/src/index.ts',
    '^@tokenpair/example-express-login$': '<rootDir>/examples/express-login/src/app.ts',
    // Types come from the source of a single file, what runs is the same copy that the package's entry loads.
    '^(?:\\.{1,2}/)+packages/([^/]+)/src/(.+)\\.js$': '<rootDir>/packages/$1/dist/cjs/$2.js',
    // `./x.js` in a TypeScript source is `./x.ts` on disk.
    '^(\\.{1,2}/(?!.*node_modules).+)\\.js$': '$1',
  },
};

/** @type {import('jest').Config} */
export default {
  projects: [
    {
      ...project,
      testMatch: proofs.map((part) => `<rootDir>/test/${part}{,/**/*}.test.ts`),
      coveragePathIgnorePatterns: ['/'],
    },
    {
      ...project,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [
        ...project.testPathIgnorePatterns,
        ...proofs.map((part) => `<rootDir>/test/${part}(?:/.+)?\\.test\\.ts$`),
      ],
    },
  ],
  // For machines that are busy with something else; no test waits so long.
  testTimeout: 20_000,
  // Two more than there are cores, as some files wait for Redis or a deadline more than they work.
  maxWorkers: availableParallelism() + 2,
  testSequencer: '<rootDir>/scripts/jest-longest-first.mjs',
  reporters: ['default', '<rootDir>/scripts/jest-summary-reporter.mjs'],
  coverageProvider: 'babel',
  coverageReporters: [['text', { skipFull: true }], 'lcovonly'],
  // The program runs in processes of its own.
  collectCoverageFrom: ['packages/*/dist/cjs/**/*.js', '!packages/cli/dist/cjs/bin.js'],
  coverageThreshold: { global: { statements: 95, branches: 95, functions: 95, lines: 95 } },
};
