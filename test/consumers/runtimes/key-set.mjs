// Verifies a token with keys of a key set: over http, then over https with an authority of its own. The environment may name a proxy.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';

import { createTokenVerifier, remoteKeySet, verifyBearer } from '@tokenpair/core';
import { startKeySetServer } from '@tokenpair/testing';

import {
  expiredCertificate,
  otherHostCertificate,
  testCertificate,
  testCertificateKey,
} from '#test-certificate';

const issuer = await startKeySetServer();
const keySet = await (await fetch(issuer.url)).text();

/** @param {import('@tokenpair/core').VerifierKeys} keys */
async function verifyWith(keys) {
  const verifier = createTokenVerifier({ issuer: issuer.issuer, audience: issuer.audience, keys });
  const token = await verifyBearer(verifier, issuer.bearer({ sub: 'u_ada' }));
  assert.equal(token.subject, 'u_ada');
}

/**
 * @param {string} cert
 * @param {(url: string) => Promise<void>} use
 */
async function withSecureServer(cert, use) {
  let requests = 0;
  const server = createServer({ cert, key: testCertificateKey }, (_req, res) => {
    requests += 1;
    res.end(keySet);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  try {
    await use(`https://127.0.0.1:${port}/jwks`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return requests;
}

/**
 * @param {string} cert
 * @param {string} [ca]
 */
async function expectRefused(cert, ca) {
  const requests = await withSecureServer(cert, async (url) => {
    await assert.rejects(verifyWith(remoteKeySet(url, { ca })), {
      code: 'temporarily_unavailable',
    });
  });
  assert.equal(requests, 0, 'the request was sent to a server that is not verified');
}

try {
  await verifyWith(remoteKeySet(issuer.url));
  const load = (/** @type {string} */ url) =>
    verifyWith(remoteKeySet(url, { ca: testCertificate }));
  assert.equal(await withSecureServer(testCertificate, load), 1);
  for (const setting of [undefined, '0']) {
    if (setting !== undefined) process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = setting;
    await expectRefused(testCertificate);
    await expectRefused(expiredCertificate, testCertificate);
    await expectRefused(otherHostCertificate, testCertificate);
  }
} finally {
  await issuer.close();
}
