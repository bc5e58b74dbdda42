// A Postgres server that belongs to the benchmark, with the settings that it has after installation.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { freePort } from './redis.mjs';

const debian = '/usr/lib/postgresql';

/** The folder of the newest Postgres programs; `undefined` when it is not installed. */
export function findPostgres() {
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => b - a) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

/** Starts a server on a free port, gives `act` a pool of 8 connections, and ends it when `act` is done. */
export async function withPostgres(act) {
  const programs = findPostgres();
  if (programs === undefined) throw new Error('there is no Postgres to start');
  const folder = mkdtempSync(join(tmpdir(), 'tokenpair-bench-'));
  const user = ordinaryUser();
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const options = ['-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  execFileSync(join(programs, 'initdb'), ['-D', data, ...options], { ...user, stdio: 'ignore' });
  const port = await freePort();
  const settings = ['-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings], {
    ...user,
    stdio: 'ignore',
  });
  const end = () => server.kill('SIGINT');
  process.once('exit', end);
  const connectionString = `postgres://bench@127.0.0.1:${port}/postgres`;
  const isUp = () =>
    spawnSync(join(programs, 'psql'), [connectionString, '-c', 'SELECT 1'], { stdio: 'ignore' })
      .status === 0;
  try {
    while (!isUp()) {
      if (server.exitCode !== null) throw new Error('Postgres ended before it answered');
      await sleep(50);
    }
    const pool = new pg.Pool({ connectionString, max: 8 });
    // When the server ends, it may still have to close a connection.
    pool.on('error', () => {});
    try {
      return await act(pool);
    } finally {
      await pool.end();
    }
  } finally {
    process.off('exit', end);
    if (server.exitCode === null) {
      end();
      await once(server, 'exit');
    }
    rmSync(folder, { recursive: true });
  }
}

// Postgres refuses to run as root.
function ordinaryUser() {
  if (process.getuid?.() !== 0) return {};
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function idOf(option) {
  return Number(execFileSync('id', [option, 'postgres']));
}
