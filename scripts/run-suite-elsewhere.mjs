// Runs the built suite for session stores under node:test and under Vitest; the tests run it under Jest.
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const inTests = createRequire(new URL('../test/package.json', import.meta.url));
const vitest = join(inTests.resolve('vitest/package.json'), '../vitest.mjs');

async function run(name, args) {
  // A node:test that finds itself inside another one reports to it instead of to us.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return stdout;
  } catch (error) {
    throw new Error(`the suite fails under ${name}\n${error.stdout}${error.stderr}`, {
      cause: error,
    });
  }
}

const [tap, json] = await Promise.all([
  run('node:test', ['--test', '--test-reporter=tap', 'test/runners/node-test.mjs']),
  run('Vitest', [vitest, 'run', '--config=test/runners/vitest.config.mjs', '--reporter=json']),
]);
const underNode = Number(/^# pass (\d+)$/m.exec(tap)?.[1]);
const { numPassedTests } = JSON.parse(json);
// The second file of Vitest's says the same without being given describe and it.
if (!(underNode >= 40 && numPassedTests === 2 * underNode)) {
  throw new Error(`${underNode} cases pass under node:test, ${numPassedTests} under Vitest`);
}
console.log(
  `the suite for session stores runs: ${underNode} cases under node:test, and under Vitest`,
);
