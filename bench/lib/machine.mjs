// Where something was measured, and with what.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';
import { findPackageJSON } from './find-package.mjs';

export function describeMachine() {
  const processors = cpus();
  return `${processors.length} × ${processors[0].model.trim()}, ${type()} ${release()}`;
}

/** Versions of Node, OpenSSL, Redis, and of everything that this package depends on. */
export function describeVersions() {
  const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const redis = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return {
    'Node.js': process.versions.node,
    OpenSSL: process.versions.openssl,
    ...(redis.status === 0 && { Redis: /v=([\d.]+)/.exec(redis.stdout)?.[1] }),
    ...Object.fromEntries(Object.keys(own.devDependencies).map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name) {
  return JSON.parse(readFileSync(findPackageJSON(name), 'utf8')).version;
}
