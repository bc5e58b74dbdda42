import { availableParallelism } from 'node:os';

// Tests run on the sources, unbuilt. TEST_DIST=1 runs the same tests on the built packages, through their exports.
const fromDist = process.env.TEST_DIST === '1';

// Stories, models and failures: they run the same statements again and again, so coverage is not counted in them. What is
// covered is covered by the tests of units and contracts.
const proofs = [
  'adapters/koa-router',
  'bench',
  'core/issue/rotation-model',
  'core/verify/verify-access-token.property',
  'docs',
  'examples',
  'journeys',
  'packages',
  'redis',
  'redis-failures',
  'stores/naive-store',
];

/** What tests of every kind need. */
export const project = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/redis-teardown.ts',
  // The units of core and of the program are the same statements in dist, Redis fails in the same ways, wrong stores are as
  // wrong, a router mounts as well, and pages and the benchmark go by the sources. The login examples are lived through in
  // dist by scripts/paste-story.mjs, the store suite by scripts/run-suite-elsewhere.mjs. What the packages promise is shown
  // by all the rest.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(fromDist
      ? [
          ...['core', 'redis-failures', 'packages', 'bench', 'docs'].map((dir) => `${dir}/`),
          'adapters/koa-router',
          'stores/(?:naive-store|redis-on-the-wire)',
          'examples/(?:login|your-own-store)',
          'journeys/(?:browser-story|key-rotation)',
          'cli/(?!program)',
        ].map((part) => `<rootDir>/test/${part}`)
      : []),
  ],
  transform: {
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
    ...(fromDist
      ? // A test of a single file meets the same copy that the package's entry loads.
        { '^(?:\\.{1,2}/)+packages/([^/]+)/src/(.+)\\.js$': '<rootDir>/packages/$1/dist/cjs/$2.js' }
      : { '^@tokenpair/([^/]+)$': '<rootDir>/packages/$1/src/index.ts' }),
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
  testSequencer: '<rootDir>/scripts/jest-waiting-first.mjs',
  reporters: ['default', '<rootDir>/scripts/jest-summary-reporter.mjs'],
  coverageProvider: 'babel',
  coverageReporters: [['text', { skipFull: true }], 'lcovonly'],
  collectCoverageFrom: ['packages/*/src/**/*.ts'],
  coverageThreshold: { global: { statements: 95, branches: 95, functions: 95, lines: 95 } },
};
