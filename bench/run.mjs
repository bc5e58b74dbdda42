// Runs the benchmark: `bench [guard] [refresh] [memory] [revocations] [postgres]`, all by default. It prints tables and targets; a target that
// is missed fails no build. `--quick` checks in a few seconds that everything runs; its figures mean nothing.

import { parseArgs } from 'node:util';

import { describeMachine } from './lib/machine.mjs';
import { targetTable } from './lib/table.mjs';
import * as guard from './sections/guard.mjs';
import * as memory from './sections/memory.mjs';
import * as postgres from './sections/postgres.mjs';
import * as refresh from './sections/refresh.mjs';
import * as revocations from './sections/revocations.mjs';

const sections = { guard, refresh, memory, revocations, postgres };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const unknown = positionals.find((name) => !Object.hasOwn(sections, name));
if (unknown !== undefined) {
  console.error(`Unknown section '${unknown}'. Sections: ${Object.keys(sections).join(', ')}.`);
  process.exit(2);
}
// The exit handlers end Redis and remove the keys; a signal alone would skip them.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

console.log(`${describeMachine()}\n`);
for (const name of positionals.length > 0 ? positionals : Object.keys(sections)) {
  const { tables, targets } = await sections[name].run(values);
  console.log([`## ${name}`, ...tables, targetTable(targets)].join('\n\n'), '\n');
}
