// Runs a piece of CommonJS in a Node process of its own, with core as it is under test: from its sources, or built.

import { execFile } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const core = join(
  root,
  'packages/core',
  process.env['TEST_DIST'] === '1' ? 'dist/cjs/index.js' : 'src/index.ts',
);

// Lets the child require TypeScript: types are taken off as Jest takes them off.
const typescript = `
  const Module = require('node:module');
  const { transformFileSync } = require('@swc/core');
  const jsc = { target: 'es2023', parser: { syntax: 'typescript' } };
  Module._extensions['.ts'] = (module, file) =>
    module._compile(transformFileSync(file, { jsc, module: { type: 'commonjs' }, swcrc: false }).code, file);
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (name, parent, ...rest) =>
    resolve(parent?.filename?.endsWith('.ts') && name.startsWith('.') ? name.replace(/\\.js$/, '.ts') : name, parent, ...rest);
`;

export interface ChildResult {
  /** `null` when the child had to be killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `script` finds the exports of core under the name `core`. */
export function runInChild(
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ChildResult> {
  const code = `${typescript}\nconst core = require(${JSON.stringify(core)});\n${script}`;
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
