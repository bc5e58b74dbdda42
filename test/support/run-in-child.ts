// Runs a piece of CommonJS in a Node process of its own, with the packages as they are under test: from their sources, or
// built.

import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { isBuilt } from './built.js';

const root = join(__dirname, '../..');
const entry = isBuilt ? 'dist/cjs/index.js' : 'src/index.ts';
const [core, redis] = ['core', 'redis'].map((name) => join(root, 'packages', name, entry));

// Lets the child require TypeScript: types are taken off as Jest takes them off.
const typescript = `
  const Module = require('node:module');
  const { transformFileSync } = require('@swc/core');
  const jsc = { target: 'es2023', parser: { syntax: 'typescript' } };
  Module._extensions['.ts'] = (module, file) =>
    module._compile(transformFileSync(file, { jsc, module: { type: 'commonjs' }, swcrc: false }).code, file);
  const fromSource = (name) =>
    name.replace(/\\.js$/, '.ts').replace(/^@tokenpair\\/(\\w+)$/, ${JSON.stringify(`${root}/packages/`)} + '$1/src/index.ts');
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (name, parent, ...rest) =>
    resolve(parent?.filename?.endsWith('.ts') && /^(\\.|@tokenpair\\/)/.test(name) ? fromSource(name) : name, parent, ...rest);
`;

export interface ChildResult {
  /** `null` when the child had to be killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * `script` finds the exports of core under the name `core`; `requireRedisStore()` answers those of the Redis store, and
 * `requireOfTests(name)` what the tests have installed.
 */
export function runInChild(
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildResult> {
  const code = `${typescript}
    const core = require(${JSON.stringify(core)});
    const requireRedisStore = () => require(${JSON.stringify(redis)});
    const requireOfTests = Module.createRequire(${JSON.stringify(join(root, 'test/package.json'))});
    ${script}`;
  const { NODE_ENV: _env, NODE_APP_INSTANCE: _instance, ...inherited } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['-e', code],
      { cwd: root, env: { ...inherited, ...env }, timeout: 20_000 },
      (_error, stdout, stderr) => {
        resolve({ exitCode: child.exitCode, stdout, stderr });
      },
    );
  });
}
