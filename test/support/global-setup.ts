// Before all tests. Jest loads this file without its module mapper, hence the extensions of the imports.

import { startSharedRedis } from './redis-setup.ts';
import { layInRsaKeys } from './rsa-keys.ts';

/** Jest's globalSetup. */
export default async function setUp(): Promise<void> {
  await Promise.all([startSharedRedis(), layInRsaKeys()]);
}
