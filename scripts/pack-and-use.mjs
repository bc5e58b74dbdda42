// Packs the built packages, lints the tarballs, installs them outside the workspace as users would, by npm and by pnpm, and
// uses them: by import, by require, from a CommonJS Jest project without transforms, and from TypeScript, with Express 5
// and 4, with Koa 3 and 2, and with the Redis clients; compiles their declarations with old and new types of Node.js; and
// runs the program.
import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { compileDeclarations, typesOfNode } from './compile-declarations.mjs';
import { lintTarball } from './lint-tarball.mjs';

const execute = promisify(execFile);
// An npx that has started all this hands down which package it was to run, and where: another npx would take it for its own.
const { npm_config_package: _itsPackage, npm_config_local_prefix: _itsPlace, ...env } = process.env;
const run = async (cwd, command, ...args) => {
  try {
    return (await execute(command, args, { cwd, env })).stdout;
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

const serve = {
  express: `express().get('/', bearer(verifier), (req, res) => res.end())`,
  koa: `new Koa().use(bearer(verifier)).use((ctx) => { ctx.body = ''; })`,
};

const jestTest = (framework) => `
const ${framework === 'koa' ? 'Koa' : 'express'} = require('${framework}');
const { AuthError, createTokenVerifier, verifyBearer } = require('@tokenpair/core');
const { bearer } = require('@tokenpair/${framework}');

test('a CommonJS Jest project without transforms can require the packages', async () => {
  const verifier = createTokenVerifier(${verifierOptions});
  await expect(verifyBearer(verifier, 'Bearer x')).rejects.toBeInstanceOf(AuthError);
  const app = ${serve[framework]};
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { status } = await fetch('http://127.0.0.1:' + server.address().port + '/');
  await new Promise((resolve) => server.close(resolve));
  expect(status).toBe(401);
});
`;

const typedApp = {
  express: `
import express from 'express';
import { bearer, tokenEndpoints } from '@tokenpair/express';

const guard = bearer(verifier);
const endpoints = tokenEndpoints(tokens, { transport: 'cookie' });
const app = express();
app.use('/api', guard);
app.use('/auth', endpoints);
app.post('/login', (req, res) => endpoints.send(req, res, pair));
app.get('/me', guard, (req, res) => {
  res.json({ subject: guard.of(req).subject });
});
`,
  koa: `
import Koa from 'koa';
import { authErrors, bearer, tokenEndpoints, type AuthState } from '@tokenpair/koa';

const guard = bearer(verifier);
const endpoints = tokenEndpoints(tokens, { mount: '/auth', transport: 'cookie' });
const app = new Koa<AuthState>();
app.use(authErrors()).use(endpoints).use(endpoints.wellKnown).use(guard);
app.use(async (ctx, next) => {
  if (ctx.path !== '/login') return next();
  endpoints.send(ctx, pair);
});
app.use(guard.scopes('orders:read'));
app.use((ctx) => {
  const subject: string = ctx.state.auth.subject;
  ctx.body = { subject, same: guard.of(ctx).subject };
});
`,
};

const typed = (framework) => `
import {
  AuthError,
  createTokenVerifier,
  verifyBearer,
  type TokenIssuer,
  type TokenPair,
} from '@tokenpair/core';

declare const tokens: TokenIssuer;
declare const pair: TokenPair;
const verifier = createTokenVerifier(${verifierOptions});
export const refused: Promise<boolean> = verifyBearer(verifier, 'Bearer x').then(
  (token) => token.subject === '',
  (error: unknown) => error instanceof AuthError,
);
${typedApp[framework]}`;

const redisPlain = `
const store = new RedisSessionStore({ client: { sendCommand: async () => [] } });
store.get('A'.repeat(38)).then((session) => {
  if (session !== undefined) throw new Error('a session out of nothing');
});
`;

const redisTyped = `
import { createTokenIssuer } from '@tokenpair/core';
import { RedisSessionStore, type RedisClient } from '@tokenpair/redis';

export const issuerOver = (client: RedisClient) =>
  createTokenIssuer({
    issuer: 'https://issuer.example',
    audience: 'https://api.example',
    keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 1) }],
    refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 2) }],
    store: new RedisSessionStore({ client }),
  });
`;

const redisClientsTyped = `
import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';
import { issuerOver } from './typed.mjs';

export const issuers = [
  issuerOver(createClient()),
  issuerOver(createClientPool()),
  issuerOver(createCluster({ rootNodes: [] })),
  issuerOver(createSentinel({ name: 'main', sentinelRootNodes: [] })),
  issuerOver(new Redis({ lazyConnect: true })),
  issuerOver(new Cluster([], { lazyConnect: true })),
];
`;

const compilerOptions = {
  module: 'nodenext',
  target: 'es2023',
  lib: ['es2023'],
  strict: true,
  esModuleInterop: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  types: ['node'],
};

/** Holds each declaration that our packages bring, and those that these stand on, to the strict options of an application. */
const tsconfig = {
  compilerOptions: { ...compilerOptions, skipDefaultLibCheck: true },
  include: ['*/typed.mts', '*/typed.cts'],
};

/** The clients of Redis have more declarations than all others together, and here it is only asked whether the store takes them. */
const tsconfigOfClients = {
  compilerOptions: { ...compilerOptions, skipLibCheck: true },
  include: ['*/clients.mts'],
};

const filesFor = (framework) => ({
  'plain.mjs': `import { AuthError, createTokenVerifier, verifyBearer } from '@tokenpair/core';\nimport { bearer } from '@tokenpair/${framework}';\n${plain}`,
  'plain.cjs': `const { AuthError, createTokenVerifier, verifyBearer } = require('@tokenpair/core');\nconst { bearer } = require('@tokenpair/${framework}');\n${plain}`,
  'required.test.js': jestTest(framework),
  'typed.mts': typed(framework),
  'typed.cts': typed(framework),
});

const filesForRedis = {
  'plain.mjs': `import { RedisSessionStore } from '@tokenpair/redis';\n${redisPlain}`,
  'plain.cjs': `const { RedisSessionStore } = require('@tokenpair/redis');\n${redisPlain}`,
  'required.test.js': `test('a CommonJS Jest project can require the store', () => {
    expect(typeof require('@tokenpair/redis').RedisSessionStore).toBe('function');
  });`,
  'typed.mts': redisTyped,
  'typed.cts': redisTyped,
  'clients.mts': redisClientsTyped,
};

/** What projects have beside our packages, in each version that we promise. */
const projects = {
  'express-5': { '@types/express': '^5.0.6', express: '^5.3.0' },
  'express-4': { '@types/express': '^4.17.25', express: '^4.21.0' },
  'koa-3': { '@types/koa': '^3.0.3', koa: '^3.3.0' },
  'koa-2': { '@types/koa': '^2.15.2', koa: '^2.16.4' },
  'redis-6': { redis: '^6.3.1', ioredis: '^6.0.0' },
  'redis-5': { redis: '^5.10.0', ioredis: '^5.4.0' },
};

const names = Object.keys(projects);

const importAll = (specifiers) => specifiers.map((name) => `await import('${name}');`).join('\n');

const requireAll = (specifiers) =>
  [
    `const require = (await import('node:module')).createRequire(import.meta.url);`,
    ...specifiers.map((name) => `require('${name}');`),
  ].join('\n');

/** The tarball of each package, by its name. */
async function pack(work) {
  const packages = ['--recursive', '--filter', './packages/*'];
  await run('.', 'pnpm', ...packages, 'pack', '--out', join(work, '%s.tgz'));
  const manifests = (await readdir('packages')).map(async (folder) =>
    JSON.parse(await readFile(`packages/${folder}/package.json`, 'utf8')),
  );
  return (await Promise.all(manifests)).map(({ name }) => {
    const file = join(work, `${name.replace('@', '').replace('/', '-')}.tgz`);
    return { name, file };
  });
}

async function write(dir, files) {
  await mkdir(dir);
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(dir, name), text);
  }
}

/** All of our packages in one project and one flat folder; npm adds Express and Koa by itself, as their peers. */
async function useThroughNpm(dir, tarballs) {
  const all = Object.keys(tarballs);
  await write(dir, {
    'package.json': { private: true, dependencies: tarballs },
    'all.mjs': `${importAll(all)}\n${requireAll(all)}`,
  });
  const quick = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await run(dir, 'npm', 'install', '--no-package-lock', ...quick);
  await Promise.all([run(dir, process.execPath, 'all.mjs'), useProgram(dir)]);
}

const keysFromFile = `
import { readFileSync } from 'node:fs';
import { createTokenIssuer, issueTokenPair, MemorySessionStore, verifyBearer } from '@tokenpair/core';

const tokens = createTokenIssuer({
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  ...JSON.parse(readFileSync('tokenpair.keys.json', 'utf8')),
  store: new MemorySessionStore(),
});
const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
await verifyBearer(tokens.verifier, 'Bearer ' + accessToken);
`;

/** The program makes, examines and rotates a key file, from which an issuer starts. */
async function useProgram(dir) {
  await writeFile(join(dir, 'issuer.mjs'), keysFromFile);
  const file = 'tokenpair.keys.json';
  await run(dir, 'npx', '@tokenpair/cli', 'keygen', '--out', file);
  for (const args of [
    ['doctor', '--file', file],
    ['keygen', '--rotate', '--file', file],
  ]) {
    await run(dir, join(dir, 'node_modules/.bin/tokenpair'), ...args);
    await run(dir, process.execPath, 'issuer.mjs');
  }
}

/** A project for every version of what our packages stand on, each in a folder that holds what it declares and no more. */
async function useThroughPnpm(dir, tarballs) {
  const core = { '@tokenpair/core': tarballs['@tokenpair/core'] };
  const tools = { '@types/node': '^20.19.43', typescript: '~5.9.3' };
  await write(dir, {
    'package.json': { private: true, devDependencies: tools },
    'pnpm-workspace.yaml': {
      packages: ['*'],
      autoInstallPeers: false,
      strictPeerDependencies: true,
      // The core that an adapter asks for is on no registry yet, or is another one there.
      overrides: core,
    },
    // One process for all: each file finds what its own folder holds.
    'plain.mjs': importAll(names.flatMap((name) => [`./${name}/plain.mjs`, `./${name}/plain.cjs`])),
    'tsconfig.json': tsconfig,
    'tsconfig.clients.json': tsconfigOfClients,
    'jest.config.json': {
      // No transform, no Babel: what node_modules holds is what runs.
      transform: {},
    },
  });
  for (const name of names) {
    const [folder] = name.split('-');
    const added = `@tokenpair/${folder}`;
    // An application of one framework has the adapter of that one.
    const dependencies = { ...core, [added]: tarballs[added], ...projects[name] };
    await write(join(dir, name), {
      ...(folder === 'redis' ? filesForRedis : filesFor(folder)),
      'package.json': { private: true, name, dependencies },
    });
  }

  const quick = ['--prefer-offline', '--ignore-scripts'];
  await run(dir, 'pnpm', 'install', '--no-frozen-lockfile', ...quick);
  const ours = createRequire(import.meta.url);
  const jest = ours.resolve('jest/bin/jest');
  const newestTsc = join(ours.resolve('typescript/package.json'), '../bin/tsc');
  await Promise.all([
    // All projects at once: the types of Node.js and the compiler itself are read but once.
    run(dir, process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.'),
    run(dir, process.execPath, newestTsc, '-p', 'tsconfig.clients.json'),
    run(dir, process.execPath, jest, '--config', 'jest.config.json', '--runInBand'),
    run(dir, process.execPath, 'plain.mjs'),
  ]);
}

async function lintAll(tarballs) {
  for (const { file } of tarballs) await lintTarball(file);
}

const work = await mkdtemp(join(tmpdir(), 'tokenpair-consumer-'));
try {
  const packed = await pack(work);
  const tarballs = Object.fromEntries(packed.map(({ name, file }) => [name, `file:${file}`]));
  const outcomes = await Promise.allSettled([
    useThroughNpm(join(work, 'npm'), tarballs),
    useThroughPnpm(join(work, 'pnpm'), tarballs),
    lintAll(packed),
    compileDeclarations(join(work, 'declarations'), tarballs, run),
  ]);
  for (const { reason } of outcomes) if (reason) throw reason;
  console.log(
    `packed packages work: publint, attw, npm, import, require, Jest, TypeScript 5.9 and 7; ${names.join(', ')}; ` +
      `declarations with @types/node ${typesOfNode.oldest} and ${typesOfNode.newest}`,
  );
} finally {
  await rm(work, { recursive: true, force: true });
}
