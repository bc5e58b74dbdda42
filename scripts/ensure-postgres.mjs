// Makes sure that the tests can start a Postgres and a PgBouncer. As root on Debian or Ubuntu it installs them; anywhere else
// the tests of Postgres run on PGlite only, and this says what is not run.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const debian = '/usr/lib/postgresql';
const onPath = ['/usr/sbin', ...(process.env.PATH ?? '').split(delimiter)];
const versions = () => (existsSync(debian) ? readdirSync(debian) : []);
const has = (program) =>
  [...onPath, ...versions().map((version) => join(debian, version, 'bin'))].some((folder) =>
    existsSync(join(folder, program)),
  );
const missing = () => ['postgres', 'pgbouncer'].filter((program) => !has(program));
const run = (...command) => {
  console.error(`$ ${command.join(' ')}`);
  const [program, ...args] = command;
  return spawnSync(program, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    // RUNLEVEL=1 keeps Debian's packages from starting services of their own.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
};

if (missing().length > 0 && process.getuid?.() === 0 && has('apt-get')) {
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'postgresql', 'pgbouncer');
}
const notRun = {
  postgres:
    'the store contract on a server, its failures, the statements of docs/stores.md, and the example',
  pgbouncer: 'the store contract behind PgBouncer',
};
for (const program of missing()) {
  console.error(`There is no ${program}. The tests skip: ${notRun[program]}.
The store contract runs on PGlite. To run everything: sudo apt-get install postgresql pgbouncer (Debian, Ubuntu).`);
}
