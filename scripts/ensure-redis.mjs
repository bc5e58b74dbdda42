// Makes sure that the tests can reach a Redis: REDIS_URL, or a redis-server on PATH.
// As root on Debian or Ubuntu it installs one; anywhere else it says what to do.
import { spawnSync } from 'node:child_process';

const works = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const run = (command, ...args) => {
  console.error(`$ ${[command, ...args].join(' ')}`);
  return spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    // RUNLEVEL=1 keeps Debian's package from starting a service of its own.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
};
const found = () => Boolean(process.env.REDIS_URL) || works('redis-server', '--version');

if (!found() && process.getuid?.() === 0 && works('apt-get', '--version')) {
  run('apt-get', 'update', '-qq');
  run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'redis-server');
}
if (!found()) {
  console.error(`The tests need Redis 6.2 or newer. Do one of these, then run the command again:
  sudo apt-get install redis-server      (Debian, Ubuntu)
  brew install redis                     (macOS)
  docker run --rm -p 127.0.0.1:6379:6379 redis:7   and   export REDIS_URL=redis://127.0.0.1:6379`);
  process.exit(1);
}
