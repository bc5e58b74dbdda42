// A file of the built packages as `tsc` wrote it, or with counters of coverage in it. To make counters takes longer than to
// run most tests, so it is done once for all processes that Jest starts, and kept.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createInstrumenter } from 'istanbul-lib-instrument';

const kept = fileURLToPath(new URL('../node_modules/.cache/coverage', import.meta.url));

/** `id` names what is in it; `map` leads to the TypeScript source. */
export function readBuilt(path, code = readFileSync(path, 'utf8')) {
  const map = readFileSync(`${path}.map`, 'utf8');
  const id = createHash('sha256').update(`${path}\n${code}\n${map}`).digest('hex');
  return { path, id, code: code.replace(/\/\/# sourceMappingURL=.+\s*$/, ''), map };
}

/** The same with counters, and a map that leads past them. */
export function count({ path, id, code, map }) {
  const file = join(kept, `${id}.json`);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Not made yet, or being written just now.
  }
  const instrumenter = createInstrumenter({
    compact: false,
    produceSourceMap: true,
    // Else each file compiles a function that looks for it.
    coverageGlobalScope: 'globalThis',
    coverageGlobalScopeFunc: false,
  });
  const counted = instrumenter.instrumentSync(code, path, JSON.parse(map));
  const made = { code: counted, map: instrumenter.lastSourceMap() };
  mkdirSync(kept, { recursive: true });
  writeFileSync(file, JSON.stringify(made));
  return made;
}
