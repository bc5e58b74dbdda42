// Before all tests. Jest loads this file without its module mapper, hence the extensions of the imports.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { startSharedRedis } from './redis-setup.ts';
import { layInRsaKeys } from './rsa-keys.ts';

const root = join(__dirname, '../..');

/** Jest's globalSetup. */
export default async function setUp(config: { readonly collectCoverage: boolean }): Promise<void> {
  await Promise.all([buildPackages(config.collectCoverage), startSharedRedis(), layInRsaKeys()]);
}

async function buildPackages(counted: boolean): Promise<void> {
  const args = ['scripts/build-packages.mjs', ...(counted ? ['--counted'] : [])];
  const building = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [status] = (await once(building, 'close')) as [number | null];
  if (status !== 0) throw new Error('The packages could not be built.');
}
