// Runs the program `tokenpair` in a child process.

import { execFile } from 'node:child_process';
import { join } from 'node:path';

import { runInChild, type ChildResult } from './run-in-child.js';

const cli = join(__dirname, '../../packages/cli');

export function runProgram(...argv: readonly string[]): Promise<ChildResult> {
  return new Promise((resolve) => {
    const program = [join(cli, 'dist/bin.js'), ...argv];
    const child = execFile(process.execPath, program, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode, stdout, stderr });
    });
  });
}

/** Runs the command in a process that is killed before a given call to the file system, as in a power failure. */
export function runKilledBefore(call: string, ...argv: readonly string[]): Promise<ChildResult> {
  const entry = join(cli, 'dist/index.js');
  return runInChild(`
    const fs = require('node:fs');
    const { main } = require(${JSON.stringify(entry)});
    const calls = [];
    const files = new Proxy(fs, {
      get: (target, name) => (...args) => {
        calls.push(name);
        if (calls.join().endsWith(${JSON.stringify(call)})) process.kill(process.pid, 'SIGKILL');
        return target[name](...args);
      },
    });
    const out = (text) => process.stdout.write(text);
    process.exitCode = main(${JSON.stringify(argv)}, { out, err: out, env: {}, now: Date.now, files });
  `);
}
