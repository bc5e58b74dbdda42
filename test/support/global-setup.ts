// Before all tests. Jest loads this file without its module mapper, hence the extensions of the imports.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { startSharedRedis } from './redis-setup.ts';
import { layInRsaKeys } from './rsa-keys.ts';

const buildScript = join(__dirname, '../../scripts/build-packages.mjs');

/** Jest's globalSetup. */
export default async function setUp(config: { readonly collectCoverage: boolean }): Promise<void> {
  await Promise.all([buildPackages(config.collectCoverage), startSharedRedis(), layInRsaKeys()]);
}

async function buildPackages(counted: boolean): Promise<void> {
  const args = counted ? [buildScript, '--counted'] : [buildScript];
  const [status] = (await once(
    spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] }),
    'close',
  )) as [number | null];
  if (status !== 0) throw new Error('The packages could not be built.');
}
