// Loads every built package by import and by require: both must export the same names, and an error made by one copy of core
// must be recognised by the classes of the other.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const names = (loaded) =>
  Object.keys(loaded)
    .filter((name) => !['default', '__esModule', 'module.exports'].includes(name))
    .toSorted();

for (const folder of readdirSync(new URL('../packages', import.meta.url))) {
  const name = `@tokenpair/${folder}`;
  const imported = names(await import(name));
  assert.ok(imported.length > 0, `${name} exports nothing`);
  assert.deepEqual(imported, names(require(name)), `${name}: import and require differ`);
  console.log(`${name}: ${imported.length} exports, the same by import and by require`);
}

const esm = await import('@tokenpair/core');
const cjs = require('@tokenpair/core');
assert.notEqual(esm.AuthError, cjs.AuthError, 'import and require load two copies of core');

const refusal = async ({ createTokenVerifier, verifyBearer }) => {
  const verifier = createTokenVerifier({
    issuer: 'https://issuer.example',
    audience: 'https://api.example',
    keys: [{ kid: '1', algorithm: 'HS256', secret: Buffer.alloc(32, 1) }],
  });
  try {
    await verifyBearer(verifier, 'Bearer x');
  } catch (error) {
    return error;
  }
  throw new Error('verifyBearer let "Bearer x" through');
};
for (const [thrower, catcher] of [
  [esm, cjs],
  [cjs, esm],
  [esm, esm],
  [cjs, cjs],
]) {
  const error = await refusal(thrower);
  assert.ok(error instanceof Error);
  assert.ok(error instanceof catcher.AuthError, 'an AuthError of the other copy is not recognised');
  assert.ok(!(new Error('other') instanceof catcher.AuthError), 'every Error passes for AuthError');
}
console.log('@tokenpair/core: AuthError is recognised across both copies');
