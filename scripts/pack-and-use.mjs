// Packs the built packages, installs the tarballs outside the workspace as a user would, and uses them: by import, by
// require, from a CommonJS Jest project without transforms, and from TypeScript, with Express 5 and with Express 4.
import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const run = async (cwd, command, ...args) => {
  try {
    return (await execute(command, args, { cwd })).stdout;
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout}${error.stderr}`, {
      cause: error,
    });
  }
};

const verifierOptions = `{
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  keys: [{ kid: '1', algorithm: 'HS256', secret: '0123456789abcdef0123456789abcdef' }],
}`;

const plain = `
const verifier = createTokenVerifier(${verifierOptions});
const guard = bearer(verifier);
if (typeof guard !== 'function') throw new Error('bearer(verifier) is not a middleware');
verifyBearer(verifier, 'Bearer x').then(
  () => { throw new Error('verifyBearer let "Bearer x" through'); },
  (error) => { if (!(error instanceof AuthError)) throw error; },
);
`;

const jestTest = `
const express = require('express');
const { AuthError, createTokenVerifier, verifyBearer } = require('@tokenpair/core');
const { bearer } = require('@tokenpair/express');

test('a CommonJS Jest project without transforms can require the packages', async () => {
  const verifier = createTokenVerifier(${verifierOptions});
  await expect(verifyBearer(verifier, 'Bearer x')).rejects.toBeInstanceOf(AuthError);
  const app = express().get('/', bearer(verifier), (req, res) => res.end());
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { status } = await fetch('http://127.0.0.1:' + server.address().port + '/');
  await new Promise((resolve) => server.close(resolve));
  expect(status).toBe(401);
});
`;

const typed = `
import express from 'express';
import { AuthError, createTokenVerifier, verifyBearer } from '@tokenpair/core';
import { bearer } from '@tokenpair/express';

const verifier = createTokenVerifier(${verifierOptions});
const guard = bearer(verifier);
const app = express();
app.use('/api', guard);
app.get('/me', guard, (req, res) => {
  res.json({ subject: guard.of(req).subject });
});
export const refused: Promise<boolean> = verifyBearer(verifier, 'Bearer x').then(
  (token) => token.subject === '',
  (error: unknown) => error instanceof AuthError,
);
`;

const tsconfig = JSON.stringify({
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    esModuleInterop: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  },
  files: ['typed.mts', 'typed.cts'],
});

async function consumer(dir, tarballs, dependencies) {
  await mkdir(dir);
  const files = {
    'package.json': JSON.stringify({
      private: true,
      // No transform, no Babel: what node_modules holds is what runs.
      jest: { transform: {} },
      dependencies: { ...tarballs, ...dependencies },
    }),
    'plain.mjs': `import { AuthError, createTokenVerifier, verifyBearer } from '@tokenpair/core';\nimport { bearer } from '@tokenpair/express';\n${plain}`,
    'plain.cjs': `const { AuthError, createTokenVerifier, verifyBearer } = require('@tokenpair/core');\nconst { bearer } = require('@tokenpair/express');\n${plain}`,
    'required.test.js': jestTest,
    'typed.mts': typed,
    'typed.cts': typed,
    'tsconfig.json': tsconfig,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text);
  await run(
    dir,
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--prefer-offline',
  );
}

const work = await mkdtemp(join(tmpdir(), 'tokenpair-consumer-'));
try {
  const tarballs = {};
  await Promise.all(
    (await readdir('packages')).map(async (folder) => {
      const { name } = JSON.parse(await readFile(`packages/${folder}/package.json`, 'utf8'));
      const file = join(work, `${folder}.tgz`);
      await run(`packages/${folder}`, 'pnpm', 'pack', '--out', file);
      tarballs[name] = `file:${file}`;
    }),
  );

  const five = join(work, 'express-5');
  const four = join(work, 'express-4');
  await Promise.all([
    consumer(five, tarballs, {
      '@types/express': '^5.0.6',
      '@types/node': '^20.19.43',
      express: '^5.3.0',
      jest: '^30.5.2',
      typescript: '~5.9.3',
    }),
    consumer(four, tarballs, {
      '@types/express': '^4.17.25',
      '@types/node': '^20.19.43',
      express: '^4.21.0',
    }),
  ]);
  const tsc = join(five, 'node_modules/typescript/bin/tsc');
  await Promise.all([
    ...[five, four].flatMap((dir) => [
      run(dir, process.execPath, 'plain.mjs'),
      run(dir, process.execPath, 'plain.cjs'),
      run(dir, process.execPath, tsc, '-p', '.'),
    ]),
    run(five, process.execPath, 'node_modules/jest/bin/jest.js'),
  ]);
  console.log('packed packages work: import, require, Jest, TypeScript 5.9; Express 5 and 4');
} finally {
  await rm(work, { recursive: true, force: true });
}
