// Core as it is published: one file for `import` and one for `require`. Node takes longer to find and open eighty files than
// to run what is in them. Here in the workspace they are used as tsc writes them.
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { rolldown } from 'rolldown';

const dist = join(import.meta.dirname, '../packages/core/dist');
const out = join(dist, 'bundle');

rmSync(out, { recursive: true, force: true });
const bundle = await rolldown({
  input: join(dist, 'esm/index.js'),
  platform: 'node',
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
});
for (const [format, name] of [
  ['esm', 'index.js'],
  ['cjs', 'index.cjs'],
]) {
  await bundle.write({ file: join(out, name), format, exports: 'named', sourcemap: true });
}
await bundle.close();
