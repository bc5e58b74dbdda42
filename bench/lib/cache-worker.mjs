// Bytes that a cached access token keeps alive: memory before and after the cache has filled, garbage collected both times.

import { verifyBearer, createTokenVerifier } from '@tokenpair/core';
import { setImmediate as turn } from 'node:timers/promises';

import { audience, issuer, kid, makeTokens, readMaterial } from './material.mjs';

const count = 10_000;
const material = readMaterial(process.argv[2], 'HS256');

// What is made once, at the first use, belongs to no entry.
const other = await fill(100);
const before = await used();
const verifier = await fill(count);
process.send({ bytes: ((await used()) - before) / count });
// Until then neither may be collected.
process.once('exit', () => [other, verifier]);

async function fill(tokens) {
  const keys = [{ kid, algorithm: 'HS256', secret: material.verificationKey }];
  const filled = createTokenVerifier({ issuer, audience, keys, cache: { max: count } });
  for (let at = 0; at < tokens; at++) {
    const [token] = makeTokens(material, 1, at);
    await verifyBearer(filled, `Bearer ${token}`);
  }
  return filled;
}

async function used() {
  for (let passes = 0; passes < 6; passes++) {
    globalThis.gc();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
