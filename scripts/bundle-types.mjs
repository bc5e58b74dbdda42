// Writes the public types of the built packages to packages/*/types: one readable file per entry, without internals. These
// files are published, and committed so that a change to the public types shows in review. With --check the script only
// compares, and fails on a difference.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { format } from 'oxfmt';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

import { entriesOf, packages } from './entries.mjs';

const check = process.argv.includes('--check');

for (const manifest of packages) {
  const folder = join(manifest.folder, 'types');
  const files = await bundleTypes(entriesOf(manifest));
  if (isDeepStrictEqual(files, readFolder(folder))) continue;
  if (check) {
    console.error(
      `Public types of ${manifest.name} changed: run "pnpm run api", commit the result.`,
    );
    process.exitCode = 1;
  } else {
    writeFolder(folder, files);
  }
}

/** The text of each file, by its name. Where there are several entries, all declarations are in one file that they share. */
async function bundleTypes(entries) {
  const input = entries.map(({ js }) => js.replace(/\.js$/, '.d.ts'));
  const bundle = await rollup({ input, external: /^[^./]/, plugins: [dts()] });
  const { output } = await bundle.generate({
    entryFileNames: ({ name }) => `${basename(name, '.d')}.d.ts`,
    chunkFileNames: '[name].d.ts',
    minifyInternalExports: false,
    hoistTransitiveImports: false,
    manualChunks: (id) => (input.length > 1 && !input.includes(id) ? 'shared' : undefined),
  });
  const forImport = entries.map(({ js, dmts }) => [
    basename(dmts),
    `export * from './${basename(js)}';\n`,
  ]);
  const forRequire = output.map(async (chunk) => [chunk.fileName, await tidy(chunk)]);
  return Object.fromEntries([...forImport, ...(await Promise.all(forRequire))]);
}

async function tidy({ fileName, code }) {
  const { code: tidied } = await format(fileName, code, { printWidth: 100, singleQuote: true });
  return tidied;
}

function readFolder(folder) {
  mkdirSync(folder, { recursive: true });
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

function writeFolder(folder, files) {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}
