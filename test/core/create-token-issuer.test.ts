import {
  createTokenIssuer,
  issueTokenPair,
  verifyBearer,
  type TokenIssuerOptions,
} from '@tokenpair/core';

import { audienceName, createTestIssuer, issuerName } from '../support/issuer.js';
import { createTestKey } from '../support/keys.js';
import { createTestVerifier } from '../support/verifier.js';

describe('createTokenIssuer', () => {
  it('comes with a verifier of what it signs', async () => {
    const { tokens } = createTestIssuer({ realm: 'orders' });
    expect(tokens.verifier).toMatchObject({
      accepts: [{ issuer: issuerName, audience: [audienceName] }],
      realm: 'orders',
    });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const { verify } = createTestVerifier();
    await expect(verify(accessToken)).rejects.toMatchObject({ check: 'signature' });
  });

  it('takes the options of verifying, and checks them', async () => {
    const { tokens } = createTestIssuer({ isRevoked: () => true });
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).rejects.toMatchObject({
      code: 'session_revoked',
    });
    for (const [name, value] of [
      ['clockTolerance', 301],
      ['isRevoked', true],
      ['transports', { body: true }],
    ] as const) {
      expect(() => createTestIssuer({ [name]: value })).toThrow(TypeError);
      expect(() => createTestIssuer({ [name]: value })).toThrow(new RegExp(`^${name}\\b`));
    }
  });

  it.each(['stores', 'accessTokenTtl', 'recover'])(
    'names the option %p, which it does not have',
    (name) => {
      expect(() => createTestIssuer({ [name]: 1 })).toThrow(`'${name}'`);
    },
  );

  it.each<[unknown]>([[undefined], [null], [[]], ['x']])('is a TypeError for %p', (options) => {
    expect(() => createTokenIssuer(options as TokenIssuerOptions)).toThrow(TypeError);
  });

  it('is frozen', () => {
    const { tokens } = createTestIssuer();
    expect(() => Object.assign(tokens, { issuer: 'x' })).toThrow(TypeError);
  });

  it('has its keys replaced by itself, not by way of its verifier', async () => {
    const { tokens } = createTestIssuer();
    const { accessToken } = await issueTokenPair(tokens, { subject: 'u_1' });
    const fresh = createTestKey('ES256', 'fresh');
    expect(() => tokens.verifier.replaceKeys([fresh.verification])).toThrow(TypeError);
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).resolves.toBeDefined();
    tokens.replaceKeys([fresh.signing]);
    await expect(verifyBearer(tokens.verifier, `Bearer ${accessToken}`)).rejects.toMatchObject({
      code: 'token_key_unknown',
      action: 'refresh',
      check: 'key',
    });
    const next = await issueTokenPair(tokens, { subject: 'u_1' });
    await expect(
      verifyBearer(tokens.verifier, `Bearer ${next.accessToken}`),
    ).resolves.toBeDefined();
  });
});
