// An ES module, run by Node.js.
import assert from 'node:assert/strict';

import { AuthError, createTokenVerifier, verifyBearer } from '@tokenpair/core';
import { bearer } from '@tokenpair/express';

import options from '../verifier-options.cjs';

const verifier = createTokenVerifier(options);
assert.equal(typeof bearer(verifier), 'function');
await assert.rejects(verifyBearer(verifier, 'Bearer x'), AuthError);
