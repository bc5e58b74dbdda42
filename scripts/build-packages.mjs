// Builds the packages alone, as far as they have changed; --counted makes ready what Jest loads when it counts coverage.
// `pnpm build` makes all anew, and checks tests and examples as well.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
const args = [join(typescript, '../bin/tsc'), '-b', 'tsconfig.packages.json'];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
if (status !== 0) process.exit(1);
await import('./mark-cjs.mjs');

if (process.argv.includes('--counted')) {
  const { count, readBuilt } = await import('./built-file.mjs');
  for (const name of readdirSync('packages')) {
    const folder = resolve('packages', name, 'dist/cjs');
    for (const file of readdirSync(folder, { recursive: true })) {
      if (file.endsWith('.js')) count(readBuilt(join(folder, file)));
    }
  }
}
