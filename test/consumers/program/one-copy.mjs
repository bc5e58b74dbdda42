// `import` and `require` of every entry give the same values: one copy of each package runs in a process. The client is an ES module
// for browsers, so there it is the same names.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const folder = 'node_modules/@tokenpair';

for (const name of readdirSync(folder)) {
  const manifest = JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8'));
  for (const entry of Object.keys(manifest.exports)) {
    if (entry === './package.json') continue;
    const specifier = join(manifest.name, entry);
    const imported = { ...(await import(specifier)) };
    assert.ok(Object.keys(imported).length > 0, `${specifier} exports nothing`);
    const required = { ...require(specifier) };
    assert.deepEqual(Object.keys(imported).toSorted(), Object.keys(required).toSorted());
    if (manifest.name === '@tokenpair/client') continue;
    for (const [key, value] of Object.entries(imported)) {
      assert.equal(value, required[key], `${specifier} has two copies of ${key}`);
    }
  }
}
