// Starts Postgres servers and standbys on free loopback ports, and ends only processes that it started.

import { execFile, execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { findFreePort } from './free-port.ts';

export interface PostgresServer {
  readonly port: number;
  /** `postgres://test@127.0.0.1:port/postgres` */
  readonly url: string;
  /** Opens a connection of psql. */
  connect(): PostgresSession;
  /** Stops all its processes from running: connections stay open and nothing is answered. */
  pause(): void;
  resume(): void;
  /** Kills it, as in a crash. Its files remain. */
  crash(): Promise<void>;
  /** Ends it in order, and its connections with it. */
  shutDown(): Promise<void>;
  /** Starts it again: same port, same files. */
  restart(): Promise<void>;
  /** Starts a standby that replicates from it, through another port if one is given. */
  startStandby(name: string, through?: number): Promise<PostgresServer>;
  /** Makes a standby a primary. */
  promote(): Promise<void>;
  close(): Promise<void>;
}

export interface PostgresSession {
  /** The rows of a statement, each as its columns in text. */
  query(statement: string): Promise<readonly (readonly string[])[]>;
}

export interface PostgresSettings {
  /** Of the configuration, for example `{ fsync: 'on' }`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const debian = '/usr/lib/postgresql';
const user = 'test';

/** The folder of the newest Postgres programs; `undefined` when it is not installed. */
export function findPostgres(): string | undefined {
  const versions = existsSync(debian)
    ? readdirSync(debian).toSorted((one, other) => Number(other) - Number(one))
    : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  return folders.find((folder) =>
    ['initdb', 'postgres', 'psql'].every((name) => existsSync(join(folder, name))),
  );
}

/** `describe`, or `describe.skip` on a machine without Postgres. */
export const describePostgres: jest.Describe =
  findPostgres() === undefined ? globalThis.describe?.skip : globalThis.describe;

/** Starts a server with an empty database. A power cut would lose it: it never waits for the disk. */
export async function startPostgres(
  programs: string = findPostgres() ?? '',
  { settings = {} }: PostgresSettings = {},
): Promise<PostgresServer> {
  const folder = makeFolder();
  const data = join(folder, 'data');
  const options = ['-U', user, '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  await promisify(execFile)(join(programs, 'initdb'), ['-D', data, ...options], asUser());
  return launchIn(programs, folder, { fsync: 'off', ...settings });
}

async function launchIn(
  programs: string,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<PostgresServer> {
  const data = join(folder, 'data');
  const port = await findFreePort();
  const url = `postgres://${user}@127.0.0.1:${port}/postgres`;
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: folder, ...settings };
  const given = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const start = () =>
    launch(join(programs, 'postgres'), ['-D', data, '-p', String(port), ...given], programs, url);
  let server = await start();
  const reap = () => server.kill('SIGKILL');
  process.once('exit', reap);

  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of [server.pid as number, ...childrenOf(server)]) killIfThere(pid, signal);
  };
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  const ends: (() => void)[] = [];
  const self: PostgresServer = {
    port,
    url,
    connect() {
      const psql = join(programs, 'psql');
      const client = spawn(psql, [url, '-X', '-q', '-A', '-t', '-F', '\u001F'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      ends.push(() => client.kill());
      return createSession(client.stdin, client.stdout);
    },
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    async crash() {
      await end('SIGKILL');
      // Those of the connections notice that their parent has gone, but not at once. While one of them is there, no server starts.
      for (let left = processesIn(data); left.length > 0; left = processesIn(data)) {
        for (const pid of left) killIfThere(pid, 'SIGKILL');
        await sleep(5);
      }
    },
    // SIGINT: a fast shutdown.
    shutDown: () => end('SIGINT'),
    async restart() {
      await rm(join(data, 'postmaster.pid'), { force: true });
      server = await start();
    },
    async startStandby(name, through = port) {
      const standby = makeFolder();
      const primary = url.replace(String(port), String(through));
      const from = ['-d', `${primary}?application_name=${name}`, '-D', join(standby, 'data')];
      await promisify(execFile)(
        join(programs, 'pg_basebackup'),
        [...from, '-R', '--checkpoint=fast', '--no-sync'],
        asUser(),
      );
      return launchIn(programs, standby, settings);
    },
    async promote() {
      await promisify(execFile)(join(programs, 'pg_ctl'), ['promote', '-w', '-D', data], asUser());
    },
    async close() {
      for (const stop of ends) stop();
      process.off('exit', reap);
      if (server.exitCode === null && server.signalCode === null) self.resume();
      await end('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}

async function launch(
  program: string,
  args: readonly string[],
  programs: string,
  url: string,
): Promise<ChildProcess> {
  const server = spawn(program, args, { ...asUser(), stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr?.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-10_000);
  });
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
    const { status } = spawnSync(join(programs, 'psql'), [url, '-c', 'SELECT 1'], {
      stdio: 'ignore',
    });
    if (status === 0) return server;
    if (server.exitCode !== null) break;
  }
  throw new Error(`Postgres did not start\n${log}`);
}

function childrenOf({ pid }: ChildProcess): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** The processes of a server: all of them work in the folder of its data. */
function processesIn(data: string): number[] {
  const folder = realpathSync(data);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && folderOf(pid) === folder);
}

function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // A process of a connection ends with it, at any time.
  }
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokenpair-postgres-'));
  const { uid, gid } = asUser();
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

function createSession(
  input: NodeJS.WritableStream,
  output: NodeJS.ReadableStream,
): PostgresSession {
  const end = 'end of the answer\n';
  let text = '';
  const waiting: ((rows: string[][]) => void)[] = [];
  output.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let at = text.indexOf(end); at >= 0; at = text.indexOf(end)) {
      const lines = text.slice(0, at).split('\n').slice(0, -1);
      text = text.slice(at + end.length);
      waiting.shift()?.(lines.map((line) => line.split('\u001F')));
    }
  });
  return {
    query: (statement) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        input.write(`${statement};\n\\echo ${end}`);
      }),
  };
}

// Postgres refuses to run as root.
export function asUser(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function idOf(option: '-u' | '-g'): number {
  return Number(execFileSync('id', [option, 'postgres']).toString());
}
