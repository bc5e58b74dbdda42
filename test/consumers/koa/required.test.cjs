const { AuthError, createTokenVerifier, verifyBearer } = require('@tokenpair/core');
const { bearer } = require('@tokenpair/koa');
const Koa = require('koa');

const options = require('../verifier-options.cjs');
const { statusOf } = require('../status-of.cjs');

test('a CommonJS Jest project without transforms can require the packages', async () => {
  const verifier = createTokenVerifier(options);
  await expect(verifyBearer(verifier, 'Bearer x')).rejects.toBeInstanceOf(AuthError);
  const app = new Koa().use(bearer(verifier)).use((ctx) => {
    ctx.body = '';
  });
  expect(await statusOf(app.listen(0, '127.0.0.1'))).toBe(401);
});
