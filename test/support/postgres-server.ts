// Starts a Postgres for one test, and talks to it through psql.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface PostgresServer {
  /** Opens a connection. */
  connect(): PostgresSession;
  close(): Promise<void>;
}

export interface PostgresSession {
  /** The rows of a statement, each as its columns in text. */
  query(statement: string): Promise<readonly (readonly string[])[]>;
}

const debian = '/usr/lib/postgresql';

/** The folder of the Postgres programs; `undefined` when it is not installed. */
export function findPostgres(): string | undefined {
  const folders = [
    ...(process.env['PATH'] ?? '').split(':'),
    ...(existsSync(debian)
      ? readdirSync(debian).map((version) => join(debian, version, 'bin'))
      : []),
  ];
  return folders.find((folder) =>
    ['initdb', 'postgres', 'psql'].every((name) => existsSync(join(folder, name))),
  );
}

/** Starts a server on a socket of its own. It keeps nothing. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const user = ordinaryUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    { ...user, stdio: 'ignore' },
  );
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off'],
    { ...user, stdio: 'ignore' },
  );
  const where = ['-h', folder, '-U', 'test', '-d', 'postgres'];
  const psql = join(programs, 'psql');
  const isUp = () =>
    spawnSync(psql, [...where, '-c', 'SELECT 1'], { stdio: 'ignore' }).status === 0;
  while (!isUp()) await sleep(50);
  const ends: (() => void)[] = [];
  return {
    connect() {
      const client = spawn(psql, [...where, '-X', '-q', '-A', '-t', '-F', '\u001F'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      ends.push(() => client.kill());
      return createSession(client.stdin, client.stdout);
    },
    async close() {
      for (const end of ends) end();
      server.kill('SIGINT');
      await once(server, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
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
function ordinaryUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function idOf(option: '-u' | '-g'): number {
  return Number(execFileSync('id', [option, 'postgres']).toString());
}
