// Starts Redis processes on free loopback ports, and ends only processes that it started.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { findFreePort } from './free-port.ts';

export interface RedisProcess {
  readonly port: number;
  /** `redis://127.0.0.1:port` */
  readonly url: string;
  /** Sends a signal: SIGSTOP pauses the process, SIGCONT continues it. */
  signal(signal: NodeJS.Signals): void;
  /** Kills it, as in a crash. Its files remain. */
  crash(): Promise<void>;
  /** Starts it again after a crash: same port, same files. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisSettings {
  /** Arguments in addition to those that every process gets. */
  readonly args?: readonly string[];
  readonly port?: number;
  /** A configuration file makes it a sentinel. */
  readonly sentinel?: string;
}

/** Whether `redis-server` can be started. With REDIS_URL the tests do not require it. */
export function hasRedisServer(): boolean {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

export async function startRedis(settings: RedisSettings = {}): Promise<RedisProcess> {
  const port = settings.port ?? (await findFreePort());
  const dir = await mkdtemp(join(tmpdir(), 'tokenpair-redis-'));
  const args = argumentsOf(settings, port, dir);
  let child = await launch(args, port);

  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => {
      child.kill(signal);
    },
    crash: () => end('SIGKILL'),
    restart: async () => {
      child = await launch(args, port);
    },
    async stop() {
      // A paused process reacts to no other signal.
      await end('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function argumentsOf({ args = [], sentinel }: RedisSettings, port: number, dir: string): string[] {
  const listen = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir];
  return sentinel === undefined
    ? [...listen, '--save', '', '--appendonly', 'no', ...args]
    : [sentinel, '--sentinel', ...listen, ...args];
}

async function launch(args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      reject(new Error(`redis-server exited with ${code}\n${log}`));
    });
  });
  failed.catch(() => undefined);
  process.once('exit', () => child.kill('SIGKILL'));
  await Promise.race([untilItAnswers(port), failed]);
  return child;
}

async function untilItAnswers(port: number): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(20)) {
    if (await ping(port)) return;
  }
  throw new Error(`redis-server did not answer on port ${port}`);
}

async function ping(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    socket.write('PING\r\n');
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString().startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
