// Imports each entry that the command line names, and compares it with what `require` returns: one copy of the code. The client, which
// runs in browsers too, is a copy for each.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { bun, deno, node } = process.versions;
assert.equal(bun ?? deno ?? node, process.env['RUNTIME_VERSION'], 'another runtime runs this');

const entries = process.argv.slice(2);
assert.ok(entries.length > 0, 'name the entries as arguments');

for (const entry of entries) {
  const imported = await import(entry);
  const required = require(entry);
  const names = Object.keys(imported).filter((name) => name !== 'default');
  assert.deepEqual(names, Object.keys(required).toSorted(), entry);
  assert.ok(names.length > 0, `${entry} exports nothing`);
  if (entry === '@tokenpair/client') continue;
  for (const name of names) assert.equal(imported[name], required[name], `${entry}: ${name}`);
}
