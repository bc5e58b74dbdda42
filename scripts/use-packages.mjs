// Packs the built packages, checks the tarballs, and installs them outside the workspace as applications do: with the lowest
// that the peer ranges admit, with old ones and with the newest ones of what they work with. The programs of test/consumers
// then use them.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { lintTarball } from './lint-tarball.mjs';
import { installByNpm, packInto, run, writeJson } from './packed.mjs';

const programs = join(import.meta.dirname, '../test/consumers');

/** `@types/node` 20.17 is the oldest that TypeScript 5.9 accepts. Raise the newest with each major version of Node.js. */
const applications = {
  /** Exactly the lowest versions that the peer ranges admit. Their types are older than the compilers. */
  lowest: {
    compilers: [],
    dependencies: {
      '@types/node': '20.17.0',
      express: '4.18.0',
      ioredis: '4.0.0',
      koa: '2.15.0',
      redis: '4.0.0',
    },
  },
  oldest: {
    compilers: ['5.4', '5.9'],
    dependencies: {
      '@types/express': '^4.17.25',
      '@types/koa': '^2.15.2',
      '@types/node': '20.17.0',
      '@types/pg': '~8.11.0',
      express: '^4.21.0',
      ioredis: '^5.4.0',
      koa: '^2.16.4',
      pg: '~8.11.0',
      redis: '^5.10.0',
    },
    // The types of pg take any version of it; those of the newest need newer types of Node.js.
    overrides: { 'pg-protocol': '~1.7.0' },
  },
  newest: {
    compilers: ['5.9', '6.0', '7.0'],
    dependencies: {
      '@types/express': '^5.0.6',
      '@types/koa': '^3.0.3',
      '@types/node': '^26.6.7',
      '@types/pg': '^8.15.0',
      express: '^5.3.0',
      ioredis: '^6.0.0',
      koa: '^3.3.0',
      pg: '^8.16.0',
      redis: '^6.3.1',
    },
  },
};

const bundlers = {
  '@rollup/plugin-commonjs': '^29.0.3',
  '@rollup/plugin-json': '^6.1.0',
  '@rollup/plugin-node-resolve': '^16.0.3',
  esbuild: '^0.28.2',
  rollup: '^4.68.8',
  webpack: '^5.113.0',
  'webpack-cli': '^7.3.1',
};

const work = mkdtempSync(join(tmpdir(), 'tokenpair-consumers-'));
try {
  const tarballs = packInto(work);
  for (const tarball of Object.values(tarballs)) await lintTarball(tarball.slice('file:'.length));
  useFromNpm(join(work, 'npm'), tarballs);
  for (const [age, application] of Object.entries(applications)) {
    const folder = join(work, age);
    installByPnpm(folder, application, tarballs);
    runPrograms(folder);
    compile(folder, application);
    if (application.compilers.length > 0) bundle(folder);
    console.log(`the packed packages work with the ${age} versions of what they stand beside`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** All packages in one flat folder. The program makes, examines and rotates a key file, from which an issuer starts. */
function useFromNpm(folder, tarballs) {
  cpSync(join(programs, 'program'), folder, { recursive: true });
  writeJson(join(folder, 'package.json'), { private: true, dependencies: tarballs });
  installByNpm(folder);
  run(folder, 'node', 'one-copy.mjs');
  const file = 'tokenpair.keys.json';
  run(folder, 'npx', '@tokenpair/cli', 'keygen', '--out', file);
  for (const args of [
    ['doctor', '--file', file],
    ['keygen', '--rotate', '--file', file],
  ]) {
    run(folder, 'npx', 'tokenpair', ...args);
    run(folder, 'node', 'issuer.mjs');
  }
}

function installByPnpm(folder, { compilers, dependencies, overrides }, tarballs) {
  cpSync(programs, folder, { recursive: true });
  // Types that are written as those of an ES module are also compiled as those of a CommonJS module.
  for (const file of find(folder, /(all|keys|typed)\.mts$/)) {
    cpSync(join(folder, file), join(folder, file.replace('.mts', '.cts')));
  }
  const typescript = compilers.map((version) => [`ts${version}`, `npm:typescript@~${version}.0`]);
  writeJson(join(folder, 'package.json'), {
    private: true,
    dependencies: { ...tarballs, ...dependencies },
    devDependencies: { ...bundlers, ...Object.fromEntries(typescript), jest: '^30.0.0' },
  });
  writeJson(join(folder, 'pnpm-workspace.yaml'), {
    packages: [],
    autoInstallPeers: false,
    strictPeerDependencies: true,
    // The core that an adapter asks for is this one, and the types of Node.js are the same for all.
    overrides: {
      ...overrides,
      '@tokenpair/core': tarballs['@tokenpair/core'],
      '@tokenpair/postgres': tarballs['@tokenpair/postgres'],
      '@types/node': dependencies['@types/node'],
    },
  });
  run(folder, 'pnpm', 'install', '--no-frozen-lockfile', '--ignore-scripts');
}

function runPrograms(folder) {
  for (const file of find(programs, /(plain\.[cm]js|served\/(express|koa)\.mjs)$/)) {
    run(folder, 'node', file);
  }
  writeJson(join(folder, 'jest.config.json'), { transform: {} });
  run(folder, 'pnpm', 'exec', 'jest', '--runInBand');
}

/** With `skipLibCheck: false`: the compiler checks the declarations of the packages and of what these depend on. */
function compile(folder, { compilers }) {
  for (const version of compilers) {
    for (const config of ['tsconfig.application.json', 'tsconfig.page.json']) {
      run(folder, 'node', `node_modules/ts${version}/bin/tsc`, '-p', config);
    }
  }
}

function bundle(folder) {
  const app = './bundled/app.mjs';
  const esbuild = ['exec', 'esbuild', app, '--bundle', '--platform=node'];
  // The line that the README of core names: packages of Node.js are reached by `require`.
  const banner =
    "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  const plugins = ['node-resolve', 'commonjs', 'json'].flatMap((name) => ['-p', name]);
  run(folder, 'pnpm', ...esbuild, '--format=cjs', '--outfile=out/esbuild.cjs');
  run(
    folder,
    'pnpm',
    ...esbuild,
    '--format=esm',
    `--banner:js=${banner}`,
    '--outfile=out/esbuild.mjs',
  );
  run(folder, 'pnpm', 'exec', 'rollup', app, ...plugins, '-f', 'es', '-o', 'out/rollup.mjs');
  run(folder, 'pnpm', 'exec', 'rollup', app, ...plugins, '-f', 'cjs', '-o', 'out/rollup.cjs');
  const webpack = ['--mode=production', '--target=node20', '-o', 'out', '--output-filename'];
  run(folder, 'pnpm', 'exec', 'webpack', '--entry', app, ...webpack, 'webpack.cjs');
  for (const file of readdirSync(join(folder, 'out'))) run(folder, 'node', join('out', file));
}

function find(folder, pattern) {
  return readdirSync(folder, { recursive: true }).filter((file) => pattern.test(file));
}
