// A CommonJS module, run by Node.js.
const assert = require('node:assert/strict');

const { AuthError, createTokenVerifier, verifyBearer } = require('@tokenpair/core');
const { bearer } = require('@tokenpair/koa');

const options = require('../verifier-options.cjs');

const verifier = createTokenVerifier(options);
assert.equal(typeof bearer(verifier), 'function');
void assert.rejects(verifyBearer(verifier, 'Bearer x'), AuthError);
