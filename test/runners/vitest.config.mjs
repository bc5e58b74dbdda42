import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['*.spec.mjs'],
    globals: true,
    // As in Jest, for machines that are busy with something else. The default of 5 s is shorter than the patience of the suite.
    testTimeout: 20_000,
    // Both files are small: starting a process for each takes longer than running them.
    pool: 'threads',
    fileParallelism: false,
    isolate: false,
  },
});
