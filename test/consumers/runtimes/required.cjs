// Requires each entry that the command line names, from a CommonJS program.
const assert = require('node:assert/strict');

const entries = process.argv.slice(2);
assert.ok(entries.length > 0, 'name the entries as arguments');

for (const entry of entries) {
  assert.ok(Object.keys(require(entry)).length > 0, `${entry} exports nothing`);
}
