// Every file of the packages. One that no test has loaded would count as uncovered all the same, but Jest starts processes
// of their own to find out what there is in it.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const packages = join(__dirname, '../../packages');

// Runs when it is loaded, and is run in processes of its own: see cli/program.test.ts.
const program = 'cli/dist/cjs/bin.js';

const files = readdirSync(packages).flatMap((name) =>
  readdirSync(join(packages, name, 'dist/cjs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js'))
    .map((file) => `${name}/dist/cjs/${file}`),
);

test.each(files.filter((file) => file !== program))('%s can be required', (file) => {
  expect(typeof require(join(packages, file))).toBe('object');
});
