import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['*.spec.mjs'],
    globals: true,
    // Two small files: a process for each costs more than both.
    pool: 'threads',
    fileParallelism: false,
    isolate: false,
  },
});
