// Runs a CommonJS script in a child process of Node.

import { execFile } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const [core, redis, postgres] = ['core', 'redis', 'postgres'].map((name) =>
  join(root, 'packages', name, 'dist/index.js'),
);

export interface ChildResult {
  /** `null` when the child had to be killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * In `script`, `core` has the exports of core, `requireRedisStore()` and `requirePostgresStore()` answer the exports of
 * the stores, and
 * `requireOfTests(name)` loads a package that the tests have installed.
 */
export function runInChild(
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildResult> {
  const code = `
    const core = require(${JSON.stringify(core)});
    const requireRedisStore = () => require(${JSON.stringify(redis)});
    const requirePostgresStore = () => require(${JSON.stringify(postgres)});
    const requireOfTests = require('node:module').createRequire(${JSON.stringify(join(root, 'test/package.json'))});
    ${script}`;
  const { NODE_ENV: _env, NODE_APP_INSTANCE: _instance, ...inherited } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['-e', code],
      { cwd: root, env: { ...inherited, ...env }, timeout: 60_000 },
      (_error, stdout, stderr) => {
        resolve({ exitCode: child.exitCode, stdout, stderr });
      },
    );
  });
}
