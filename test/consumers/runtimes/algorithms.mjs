// Signs with each algorithm, with the key in each form, and verifies with the public key in each form.
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';

import {
  createTokenIssuer,
  createTokenVerifier,
  issueTokenPair,
  MemorySessionStore,
  verifyBearer,
} from '@tokenpair/core';

const issuer = 'https://login.example';
const rsa = { type: 'rsa', options: { modulusLength: 2_048 } };
const ed25519 = { type: 'ed25519', options: {} };
const ec = (/** @type {string} */ namedCurve) => ({ type: 'ec', options: { namedCurve } });
/** @type {Record<string, { type: string, options: object }>} */
const keyTypes = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: ec('P-256'),
  ES384: ec('P-384'),
  ES512: ec('P-521'),
  EdDSA: ed25519,
  Ed25519: ed25519,
};

// The types of Node.js have one overload per type of key, and none for all of them.
const generate = /** @type {(type: string, options: object) => { privateKey: string }} */ (
  /** @type {unknown} */ (generateKeyPairSync)
);

for (const [algorithm, { type, options }] of Object.entries(keyTypes)) {
  const pem = generate(type, {
    ...options,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
  const secret = createPrivateKey(pem);
  const open = createPublicKey(pem);
  const privateForms = {
    PEM: pem,
    DER: secret.export({ type: 'pkcs8', format: 'der' }),
    JWK: secret.export({ format: 'jwk' }),
    KeyObject: secret,
  };
  const publicForms = {
    PEM: open.export({ type: 'spki', format: 'pem' }),
    DER: open.export({ type: 'spki', format: 'der' }),
    JWK: open.export({ format: 'jwk' }),
    KeyObject: open,
  };
  for (const [privateForm, privateKey] of Object.entries(privateForms)) {
    const token = await sign({ algorithm, privateKey });
    for (const [publicForm, publicKey] of Object.entries(publicForms)) {
      const says = `${algorithm} signed with ${privateForm}, verified with ${publicForm}`;
      await verify(token, [{ algorithm, publicKey }], says);
    }
  }
}

for (const algorithm of ['HS256', 'HS384', 'HS512']) {
  const bytes = randomBytes(64);
  const forms = { bytes, base64url: { base64url: bytes.toString('base64url') } };
  for (const [form, secret] of Object.entries(forms)) {
    const key = { kid: '1', algorithm, secret };
    await verify(await sign(key), [key], `${algorithm} with ${form}`);
  }
}

/** @param {object} key */
async function sign(key) {
  const tokens = createTokenIssuer({
    issuer,
    audience: issuer,
    keys: /** @type {any} */ ([key]),
    refreshKeys: [{ kid: '1', secret: randomBytes(32) }],
    store: new MemorySessionStore(),
  });
  const { accessToken } = await issueTokenPair(tokens, { subject: 'u_ada' });
  return accessToken;
}

/**
 * @param {string} token
 * @param {readonly object[]} keys
 * @param {string} says
 */
async function verify(token, keys, says) {
  const options = { issuer, audience: issuer, keys: /** @type {any} */ (keys) };
  const verifier = createTokenVerifier(options);
  const verified = await verifyBearer(verifier, `Bearer ${token}`).catch((error) => error);
  assert.equal(verified.subject, 'u_ada', `${says}: ${verified}`);

  const [head, body, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  const forged = `Bearer ${head}.${body}.${bytes.toString('base64url')}`;
  const refused = { code: 'token_invalid' };
  await assert.rejects(verifyBearer(verifier, forged), refused, `${says}: a forged signature`);
}
