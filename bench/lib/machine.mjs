// Where something was measured, and with which versions.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

export function describeMachine() {
  const processors = cpus();
  const redis = spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout;
  const versions = [
    `Node.js ${process.versions.node}`,
    `OpenSSL ${process.versions.openssl}`,
    `Redis ${/v=([\d.]+)/.exec(redis ?? '')?.[1] ?? 'not installed'}`,
    ...readVersions(),
  ];
  const load = loadavg()[0].toFixed(1);
  return `${processors.length} × ${processors[0].model.trim()}, load ${load}. ${versions.join(', ')}.`;
}

function readVersions() {
  const own = readJson(new URL('../package.json', import.meta.url));
  return Object.keys(own.devDependencies).map((name) => {
    const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
    return existsSync(fileURLToPath(file)) ? `${name} ${readJson(file).version}` : name;
  });
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
