// Starts a PgBouncer in transaction mode before a Postgres.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { findFreePort } from './free-port.js';
import { asUser, type PostgresServer } from './postgres-server.js';

export interface Bouncer {
  readonly url: string;
  close(): Promise<void>;
}

const program = ['/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter)]
  .map((folder) => join(folder, 'pgbouncer'))
  .find((file) => existsSync(file));

/** `describe`, or `describe.skip` on a machine without PgBouncer. */
export const describeBouncer: jest.Describe = program === undefined ? describe.skip : describe;

/** Every transaction of any client gets one of few connections to Postgres. */
export async function startBouncer(server: PostgresServer): Promise<Bouncer> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenpair-pgbouncer-'));
  const port = await findFreePort();
  const file = join(folder, 'pgbouncer.ini');
  const settings = `[databases]
postgres = host=127.0.0.1 port=${server.port} user=test
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
`;
  writeFileSync(file, settings);
  const { uid, gid } = asUser();
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  const child = spawn(program ?? '', ['-q', file], { ...asUser(), stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGKILL'));
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer exited with ${child.exitCode}`);
    await sleep(20);
  }
  return {
    url: `postgres://test@127.0.0.1:${port}/postgres`,
    async close() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
