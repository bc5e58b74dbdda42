// Runs the benchmark: `bench [section ...]`. It reports and never fails a build; people judge.
//
//   --quick       a smoke run of everything with HS256: a minute, and figures that mean nothing
//   --only=text   only groups whose title contains the text; nothing is kept
//   --write       keeps the results and makes docs/performance.md again, as a run of all sections does anyway
//   --page        makes docs/performance.md again and measures nothing

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { describeMachine, describeVersions } from './lib/machine.mjs';
import { algorithms } from './lib/material.mjs';
import { renderPage, targetTable } from './lib/page.mjs';
import { writeResults } from './lib/results.mjs';
import { loadSection, sections } from './lib/sections.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});
const { quick, only, write, page } = values;
const unknown = positionals.find((name) => !sections.includes(name));
if (unknown !== undefined) {
  console.error(`no section '${unknown}'; there are ${sections.join(', ')}`);
  process.exit(2);
}

// So that what is done at the exit, keys and servers removed, is done then too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const plan = quick
  ? { launches: 1, rounds: 1, roundTime: 10, warmUp: 10, startsAtOnce: 4 }
  : { launches: 3, rounds: 8, roundTime: 50, warmUp: 900 };
const chosen = positionals.length > 0 ? positionals : sections;
const isKept = !quick && only === '' && (write || positionals.length === 0);

if (page) {
  await writePage();
} else {
  if (chosen.some((name) => ['issue', 'refresh', 'memory'].includes(name))) requireRedis();
  for (const name of chosen) await runSection(name);
  if (isKept) await writePage();
}

async function runSection(name) {
  const section = await loadSection(name);
  const results = await section.run({
    plan,
    algorithms: quick ? algorithms.slice(0, 1) : algorithms,
    quick,
    tokens: quick ? 50 : 1_000,
    only: (title) => title.includes(only),
    log: (text) => console.error(text),
  });
  console.log(`\n## ${name}\n\n${section.describe(results).join('\n\n')}\n`);
  if (only === '') console.log(`${targetTable(section.targets(results))}\n`);
  if (isKept) {
    const when = new Date().toISOString().slice(0, 10);
    const about = { when, machine: describeMachine(), versions: describeVersions(), plan };
    writeResults(name, { ...about, ...results });
  }
}

async function writePage() {
  writeFileSync(new URL('../docs/performance.md', import.meta.url), await renderPage());
  console.error('docs/performance.md is written');
}

function requireRedis() {
  const script = fileURLToPath(new URL('../scripts/ensure-redis.mjs', import.meta.url));
  const { REDIS_URL: _elsewhere, ...env } = process.env;
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit', env });
  if (status !== 0) process.exit(1);
}
