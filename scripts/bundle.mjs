// Bundles the sources of a package, without types and docstrings.
import { join, relative } from 'node:path';

import { transform } from '@swc/core';
import { rollup } from 'rollup';

import { isForBrowsers } from './entries.mjs';

/**
 * @param files - the files that are published, such as `dist/index.js`. What several of them use is in one more file.
 * @param options - more options of rollup. Its plugins come first.
 * @returns a bundle whose `write` is that of rollup, with the settings that all packages share.
 */
export async function bundle({ folder, name }, files, { plugins = [], ...options } = {}) {
  const input = files.map((file) =>
    join(folder, 'src', relative(join(folder, 'dist'), file).replace(/\.js$/, '.ts')),
  );
  const bundled = await rollup({
    input,
    external: /^[^./]/,
    plugins: [...plugins, typescript(isForBrowsers(name))],
    // Modules that need each other, or a name that a module does not export.
    onLog(_level, { message }) {
      throw new Error(`${name}: ${message}`);
    },
    ...options,
  });
  const write = (output) =>
    bundled.write({
      esModule: true,
      generatedCode: { arrowFunctions: true, constBindings: true, objectShorthand: true },
      interop: 'auto',
      chunkFileNames: '[name].js',
      minifyInternalExports: false,
      hoistTransitiveImports: false,
      ...(input.length > 1 && {
        manualChunks: (id) => (input.includes(id) ? undefined : 'shared'),
      }),
      ...output,
    });
  return { write };
}

/** Takes the types out. The targets are those of the tsconfig.json. */
function typescript(forBrowsers) {
  const jsc = {
    target: forBrowsers ? 'es2021' : 'es2023',
    parser: { syntax: 'typescript' },
    transform: { useDefineForClassFields: !forBrowsers },
  };
  return {
    name: 'typescript',
    resolveId: (specifier, importer) =>
      importer && join(importer, '..', specifier.replace(/\.js$/, '.ts')),
    async transform(code) {
      const { code: compiled } = await transform(code, { jsc });
      return { code: compiled.replace(/^ *\/\*\*[^]*?\*\/ ?\n?/gm, ''), map: null };
    },
  };
}
