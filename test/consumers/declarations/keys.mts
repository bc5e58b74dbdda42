// What node:crypto exports is a key of an issuer and of a verifier, whatever the version of the types of Node.js.
import { generateKeyPairSync } from 'node:crypto';
import {
  createTokenIssuer,
  createTokenVerifier,
  keyThumbprint,
  MemorySessionStore,
  type Jwk,
} from '@tokenpair/core';

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const place = { issuer: 'https://issuer.example', audience: 'https://api.example' };

const exported = publicKey.export({ format: 'jwk' });
export const tokens = createTokenIssuer({
  ...place,
  keys: [{ algorithm: 'ES256', privateKey: privateKey.export({ format: 'jwk' }) }],
  refreshKeys: [{ kid: '1', secret: { kty: 'oct', k: 'A'.repeat(43) } }],
  store: new MemorySessionStore(),
});
export const verifier = createTokenVerifier({
  ...place,
  keys: [{ publicKey: { ...exported, alg: 'ES256', kid: '1', use: 'sig', key_ops: ['verify'] } }],
});
export const thumbprint: string = keyThumbprint({ publicKey: exported });

export const jwk: Jwk = exported;

// With the type of a missing declaration, which is any, this would compile.
// @ts-expect-error -- no JWK
export const no: Jwk = 7;
// @ts-expect-error -- the JWK does not say its algorithm
createTokenVerifier({ ...place, keys: [{ publicKey: exported }] });
