// After all tests: ends the Redis that global-setup.ts started, if it did.

/** Jest's globalTeardown. */
export default async function tearDown(): Promise<void> {
  await globalThis.stopSharedRedis?.();
}
