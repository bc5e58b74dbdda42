// Packs the built packages, installs the tarballs outside the workspace as a user would, and uses them: by import, by
// require, from a CommonJS Jest project without transforms, and from TypeScript, with Express 5 and 4, with
// Koa 3 and 2, and with the Redis clients; and runs the program.
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
import { RedisSessionStore } from '@tokenpair/redis';
import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';

const clients = [
  createClient(),
  createClientPool(),
  createCluster({ rootNodes: [] }),
  createSentinel({ name: 'main', sentinelRootNodes: [] }),
  new Redis({ lazyConnect: true }),
  new Cluster([], { lazyConnect: true }),
];
export const issuers = clients.map((client) =>
  createTokenIssuer({
    issuer: 'https://issuer.example',
    audience: 'https://api.example',
    keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 1) }],
    refreshKeys: [{ kid: '1', secret: Buffer.alloc(32, 2) }],
    store: new RedisSessionStore({ client }),
  }),
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
};

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
async function useProgram(dir, dependencies) {
  await consumer(dir, dependencies, { 'plain.mjs': keysFromFile });
  const file = 'tokenpair.keys.json';
  await run(dir, 'npx', '@tokenpair/cli', 'keygen', '--out', file);
  for (const args of [
    ['doctor', '--file', file],
    ['keygen', '--rotate', '--file', file],
  ]) {
    await run(dir, join(dir, 'node_modules/.bin/tokenpair'), ...args);
    await run(dir, process.execPath, 'plain.mjs');
  }
}

async function consumer(dir, dependencies, files) {
  await mkdir(dir);
  const all = {
    ...files,
    'package.json': JSON.stringify({
      private: true,
      // No transform, no Babel: what node_modules holds is what runs.
      jest: { transform: {} },
      dependencies,
    }),
    'tsconfig.json': tsconfig,
  };
  for (const [name, text] of Object.entries(all)) await writeFile(join(dir, name), text);
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

  const tools = { '@types/node': '^20.19.43', jest: '^30.5.2', typescript: '~5.9.3' };
  const consumers = {
    'express-5': { '@types/express': '^5.0.6', express: '^5.3.0' },
    'express-4': { '@types/express': '^4.17.25', express: '^4.21.0' },
    'koa-3': { '@types/koa': '^3.0.3', koa: '^3.3.0' },
    'koa-2': { '@types/koa': '^2.15.2', koa: '^2.16.4' },
    'redis-6': { redis: '^6.3.1', ioredis: '^6.0.0' },
    'redis-5': { redis: '^5.10.0', ioredis: '^5.4.0' },
  };
  const { '@tokenpair/core': packedCore, '@tokenpair/cli': packedCli } = tarballs;
  const forProgram = { '@tokenpair/core': packedCore, '@tokenpair/cli': packedCli };
  await Promise.all([
    useProgram(join(work, 'cli'), forProgram),
    ...Object.entries(consumers).map(async ([name, dependencies]) => {
      const dir = join(work, name);
      const [folder] = name.split('-');
      // An application of one framework has the adapter of that one.
      const { '@tokenpair/core': core, [`@tokenpair/${folder}`]: added } = tarballs;
      const packed = { '@tokenpair/core': core, [`@tokenpair/${folder}`]: added };
      const files = folder === 'redis' ? filesForRedis : filesFor(folder);
      await consumer(dir, { ...packed, ...dependencies, ...tools }, files);
      await Promise.all([
        run(dir, process.execPath, 'plain.mjs'),
        run(dir, process.execPath, 'plain.cjs'),
        run(dir, process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.'),
        run(dir, process.execPath, 'node_modules/jest/bin/jest.js'),
      ]);
    }),
  ]);
  console.log(
    `packed packages work: import, require, Jest, TypeScript 5.9, the program; ${Object.keys(consumers).join(', ')}`,
  );
} finally {
  await rm(work, { recursive: true, force: true });
}
