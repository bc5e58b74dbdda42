// The last results of every section, kept beside the code, so that the page can be made again when one section has been
// measured anew.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

export function readResults(section) {
  const file = fileOf(section);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export function writeResults(section, results) {
  mkdirSync(new URL('.', fileOf(section)), { recursive: true });
  writeFileSync(fileOf(section), `${JSON.stringify(results, undefined, 2)}\n`);
}

function fileOf(section) {
  return new URL(`../results/${section}.json`, import.meta.url);
}
