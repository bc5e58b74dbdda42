// Tokens whose header names no key: they are judged by the only key of their algorithm.

import { createTokenVerifier, loadedKeySet, remoteKeySet, verifyBearer } from '@tokenpair/core';
import type { KeySource, VerificationKeyOptions } from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { forge, signerFor } from '../../support/forge.js';
import { audienceName, issuerName } from '../../support/issuer.js';
import { startKeyEndpoint } from '../../support/key-endpoint.js';
import { createKeyPair, createTestKey } from '../../support/keys.js';
import { createTestVerifier } from '../../support/verifier.js';

const first = createKeyPair('ES256');
const second = createKeyPair('ES256');
const rsa = createKeyPair('RS256');
const keyOf = (kid: string, algorithm: 'ES256' | 'RS256', { publicKey } = first) => ({
  kid,
  algorithm,
  publicKey,
});

/** Verifies tokens of ES256 whose header has no `kid`. */
function createJudge(
  keys: readonly VerificationKeyOptions[] | KeySource,
  clock = createTestClock(),
) {
  const given = createTestVerifier({ keys, clock: clock.now });
  const sign = (pair = first, claims = {}, alg: 'ES256' | 'RS256' = 'ES256') =>
    forge({
      header: { alg, typ: 'at+jwt' },
      payload: { ...given.claims(), exp: clock.now() / 1_000 + 86_400, iat: undefined, ...claims },
      signer: signerFor(alg, pair.privateKey),
    });
  return { ...given, sign, clock };
}

describe('a token without kid', () => {
  it('is judged by the only key of an array', async () => {
    const { sign, verify } = createJudge([keyOf('a', 'ES256')]);
    await expect(verify(sign())).resolves.toMatchObject({ subject: 'u_1' });
    await expect(verify(sign(second))).rejects.toMatchObject({
      code: 'token_invalid',
      check: 'signature',
    });
  });

  it('is judged by the only key of its algorithm, beside keys of others', async () => {
    const { sign, verify } = createJudge([
      keyOf('r', 'RS256', rsa),
      keyOf('a', 'ES256'),
      createTestKey('HS256', 'h').verification,
    ]);
    await expect(verify(sign())).resolves.toMatchObject({ subject: 'u_1' });
    await expect(verify(sign(rsa, {}, 'RS256'))).resolves.toMatchObject({ subject: 'u_1' });
  });

  it('is refused when two keys are for its algorithm, and the event says why', async () => {
    const { sign, verify, events } = createJudge([
      keyOf('a', 'ES256'),
      keyOf('b', 'ES256', second),
    ]);
    for (const pair of [first, second]) {
      await expect(verify(sign(pair))).rejects.toMatchObject({
        code: 'token_invalid',
        check: 'kid',
        action: 'login',
      });
    }
    expect(events).toMatchObject([
      { type: 'verification.refused', check: 'kid' },
      { check: 'kid' },
    ]);
  });

  it('names an unknown key when none is for its algorithm', async () => {
    const { sign, verify } = createJudge([keyOf('r', 'RS256', rsa)]);
    await expect(verify(sign())).rejects.toMatchObject({ code: 'token_key_unknown', check: 'key' });
  });

  it.each([null, 7, [], {}])('is not a token whose kid is %p', async (kid) => {
    const { claims, verify } = createJudge([keyOf('a', 'ES256')]);
    const header = { alg: 'ES256', typ: 'at+jwt', kid };
    const signer = signerFor('ES256', first.privateKey);
    await expect(verify(forge({ header, payload: claims(), signer }))).rejects.toMatchObject({
      code: 'token_invalid',
      check: 'key',
    });
  });

  it('never lets a public key verify as a secret', async () => {
    const { claims, verify } = createJudge([keyOf('a', 'ES256')]);
    const pem = first.publicKey.export({ type: 'spki', format: 'pem' });
    const header = { alg: 'HS256', typ: 'at+jwt' };
    const forged = forge({ header, payload: claims(), signer: signerFor('HS256', pem) });
    await expect(verify(forged)).rejects.toMatchObject({ status: 401 });
  });

  it('is refused, cached or not, from the moment at which a second key has its algorithm', async () => {
    const { sign, verify, verifier } = createJudge([keyOf('a', 'ES256')]);
    const token = sign();
    await verify(token);
    await verify(token);
    verifier.replaceKeys([keyOf('a', 'ES256'), keyOf('b', 'ES256', second)]);
    await expect(verify(token)).rejects.toMatchObject({ check: 'kid' });
    verifier.replaceKeys([keyOf('b', 'ES256', second)]);
    await expect(verify(token)).rejects.toMatchObject({ check: 'signature' });
  });
});

describe('a token without kid, with keys that are loaded', () => {
  it('is judged by the only key of its algorithm, cached or not', async () => {
    let keys = [keyOf('a', 'ES256'), keyOf('r', 'RS256', rsa)];
    const clock = createTestClock();
    const source = loadedKeySet(async () => keys, { clock: clock.now, refreshInterval: 60 });
    const { sign, verify } = createJudge(source, clock);
    const token = sign();
    await expect(verify(token)).resolves.toMatchObject({ subject: 'u_1' });
    await expect(verify(token)).resolves.toMatchObject({ subject: 'u_1' });
    keys = [...keys, keyOf('b', 'ES256', second)];
    clock.advance(121);
    await expect(verify(token)).rejects.toMatchObject({ check: 'kid' });
  });

  it('asks for new keys when the known one did not sign it, once per cooldown', async () => {
    let keys = [keyOf('a', 'ES256')];
    let loads = 0;
    const clock = createTestClock();
    const load = async () => {
      loads += 1;
      return keys;
    };
    const { sign, verify } = createJudge(loadedKeySet(load, { clock: clock.now }), clock);
    await verify(sign());
    keys = [keyOf('b', 'ES256', second)];
    await expect(verify(sign(second))).rejects.toMatchObject({ check: 'signature' });
    expect(loads).toBe(1);
    clock.advance(31);
    await expect(verify(sign(second))).resolves.toMatchObject({ subject: 'u_1' });
    await expect(verify(sign())).rejects.toMatchObject({ check: 'signature' });
    expect(loads).toBe(2);
  });

  it('is judged by a published key that has no kid either', async () => {
    const jwk = first.publicKey.export({ format: 'jwk' });
    const endpoint = await startKeyEndpoint({ keys: [jwk] });
    try {
      const { sign, verify } = createJudge(remoteKeySet(`${endpoint.address}/jwks`));
      await expect(verify(sign())).resolves.toMatchObject({ subject: 'u_1' });
      endpoint.answer = { keys: [jwk, second.publicKey.export({ format: 'jwk' })] };
      const both = createJudge(remoteKeySet(`${endpoint.address}/jwks`));
      await expect(both.verify(both.sign())).rejects.toMatchObject({ check: 'kid' });
    } finally {
      await endpoint.close();
    }
  });

  it('is 503 while no keys can be loaded', async () => {
    const source = loadedKeySet(async () => Promise.reject(new Error('down')));
    const { sign, verify } = createJudge(source);
    await expect(verify(sign())).rejects.toMatchObject({ status: 503 });
  });
});

describe('a token without kid, with several issuers', () => {
  it('is judged by the keys of its own issuer only', async () => {
    const other = { issuer: 'https://other.test', audience: audienceName };
    const verifier = createTokenVerifier({
      issuers: [
        { issuer: issuerName, audience: audienceName, keys: [keyOf('a', 'ES256')] },
        { ...other, keys: [keyOf('a', 'ES256', second)] },
      ],
    });
    const { sign } = createJudge([keyOf('a', 'ES256')]);
    const far = { exp: Date.now() / 1_000 + 300, nbf: undefined };
    const ask = (token: string) => verifyBearer(verifier, `Bearer ${token}`);
    await expect(ask(sign(first, far))).resolves.toMatchObject({ subject: 'u_1' });
    await expect(ask(sign(second, { ...far, iss: other.issuer }))).resolves.toMatchObject({
      subject: 'u_1',
    });
    await expect(ask(sign(first, { ...far, iss: other.issuer }))).rejects.toMatchObject({
      check: 'signature',
    });
  });
});
