// Loads core in this process, which has loaded nothing else, and says how much CPU time that took. Without revocation, the modules of
// that feature are empty.

import { readdirSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const entry = require.resolve('@tokenpair/core');
const dist = dirname(entry);
/** The rest of the feature, in other rooms. */
const others = [
  'issue/announce.js',
  'issue/ended-session.js',
  'issue/issuer-role.js',
  'issue/revoke-claims.js',
  'issue/revoke-everything.js',
  'issue/token-position.js',
  'remote-keys/remote-revocations.js',
  'verify/require-standing.js',
  'verify/watch-token.js',
];
const room = readdirSync(join(dist, 'revocations')).filter((name) => name.endsWith('.js'));
// Fails when one of them has another name.
const feature = [...room.map((name) => `revocations/${name}`), ...others].map((name) =>
  require.resolve(join(dist, name)),
);

if (process.argv[2] === 'without') {
  for (const file of feature) {
    require.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true });
  }
}
const before = process.cpuUsage();
require(entry);
const { user, system } = process.cpuUsage(before);
process.send({ cpu: (user + system) * 1_000 });
