// Before all tests. Jest loads this file without its module mapper, hence the extensions of the imports.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { startSharedRedis } from './redis-setup.ts';
import { layInRsaKeys } from './rsa-keys.ts';

const buildScript = join(__dirname, '../../scripts/build-packages.mjs');

/** Jest's globalSetup. */
export default async function setUp(config: { readonly collectCoverage: boolean }): Promise<void> {
  const args = config.collectCoverage ? [buildScript, '--counted'] : [buildScript];
  execFileSync(process.execPath, args, { stdio: 'inherit' });
  await Promise.all([startSharedRedis(), layInRsaKeys()]);
}
