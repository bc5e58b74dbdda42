import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['*.spec.mjs'],
    globals: true,
    // Both files are small: starting a process for each takes longer than running them.
    pool: 'threads',
    fileParallelism: false,
    isolate: false,
  },
});
