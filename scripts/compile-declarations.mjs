// Compiles the declarations of all packages as an application does that checks those of its dependencies too
// (`skipLibCheck: false`), and keys that `node:crypto` exports, against the oldest and the newest types of Node.js.
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * The oldest is the first minor of 20 whose own declarations TypeScript 5.9 accepts; raise the newest with each major of
 * Node.js. Newer compilers refuse declarations of the oldest itself, so they have only the newest.
 */
export const typesOfNode = { oldest: '20.17.0', newest: '^26.6.7' };

/** What stands beside our packages, because their declarations name it. */
const peers = {
  '@types/express': '^5.0.6',
  '@types/koa': '^3.0.3',
  express: '^5.3.0',
  koa: '^3.3.0',
  ioredis: '^6.0.0',
  redis: '^6.3.1',
};

const keys = `
import { generateKeyPairSync } from 'node:crypto';
import {
  createTokenIssuer,
  createTokenVerifier,
  keyThumbprint,
  MemorySessionStore,
  type Jwk,
} from '@tokenpair/core';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const place = { issuer: 'https://issuer.example', audience: 'https://api.example' };

// What Node.js exports is a key of an issuer and of a verifier.
const exported = publicKey.export({ format: 'jwk' });
export const tokens = createTokenIssuer({
  ...place,
  keys: [{ algorithm: 'ES256', privateKey: privateKey.export({ format: 'jwk' }) }],
  refreshKeys: [{ kid: '1', secret: { kty: 'oct', k: 'A'.repeat(43) } }],
  store: new MemorySessionStore(),
});
export const verifier = createTokenVerifier({
  ...place,
  keys: [{ publicKey: { ...exported, alg: 'ES256', kid: '1', use: 'sig', key_ops: ['verify'] } }],
});
export const thumbprint: string = keyThumbprint({ publicKey: exported });

export const jwk: Jwk = exported;

// With the type of a missing declaration, which is any, this would compile.
// @ts-expect-error -- no JWK
export const no: Jwk = 7;
// @ts-expect-error -- the JWK does not say its algorithm
createTokenVerifier({ ...place, keys: [{ publicKey: exported }] });
`;

const tsconfig = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023'],
    strict: true,
    esModuleInterop: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: ['node'],
  },
  include: ['*.mts', '*.cts'],
};

/** @param tarballs - by the name of each package. @param run - runs a command in a folder; rejects with what it printed. */
export async function compileDeclarations(dir, tarballs, run) {
  await mkdir(dir);
  await Promise.all(
    Object.entries(typesOfNode).map(async ([age, version]) => {
      const project = join(dir, age);
      await write(project, tarballs, version);
      const install = ['install', '--no-frozen-lockfile', '--prefer-offline', '--ignore-scripts'];
      await run(project, 'pnpm', ...install);
      await run(project, process.execPath, 'node_modules/typescript/bin/tsc', '-p', '.');
      if (age === 'newest') await run(project, process.execPath, newestCompiler(), '-p', '.');
    }),
  );
}

async function write(project, tarballs, version) {
  const names = Object.keys(tarballs);
  const all = names.map((name, index) => `export * as all${index} from '${name}';`).join('\n');
  const tools = { '@types/node': version, typescript: '~5.9.3' };
  const files = {
    'package.json': JSON.stringify({
      private: true,
      dependencies: { ...tarballs, ...peers, ...tools },
    }),
    'pnpm-workspace.yaml': JSON.stringify({
      packages: [],
      autoInstallPeers: false,
      overrides: { '@tokenpair/core': tarballs['@tokenpair/core'], '@types/node': version },
    }),
    'tsconfig.json': JSON.stringify(tsconfig),
    'all.mts': all,
    'all.cts': all,
    'keys.mts': keys,
    'keys.cts': keys,
  };
  await mkdir(project);
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(project, name), text)),
  );
}

function newestCompiler() {
  const ours = createRequire(import.meta.url);
  return join(ours.resolve('typescript/package.json'), '../bin/tsc');
}
