// The option claimsSchema of an issuer: what the claims hook must answer, and what its verifier expects.

import {
  issueTokenPair,
  refreshTokenPair,
  verifyBearer,
  type TokenIssuerOptions,
} from '@tokenpair/core';
import { createTokenIssuer, MemorySessionStore } from '@tokenpair/core';
import type { TokenpairEvent } from '@tokenpair/core';
import { createTokenBuilder } from '@tokenpair/testing';
import * as v from 'valibot';
import { z } from 'zod';

const [key] = createTokenBuilder().keys;
const refreshKeys = [
  { kid: '1', secret: 'a secret of a test that is long enough for it' },
] as const;
const base = { issuer: 'https://i.test', audience: 'a', keys: [key], refreshKeys } as const;

function createWorld(answer: () => unknown) {
  const events: TokenpairEvent[] = [];
  const tokens = createTokenIssuer({
    ...base,
    store: new MemorySessionStore(),
    claims: answer as NonNullable<TokenIssuerOptions['claims']>,
    claimsSchema: z.object({ role: z.enum(['admin', 'user']) }),
    onEvent: (event) => events.push(event),
  });
  return { tokens, events, login: () => issueTokenPair(tokens, { subject: 'u_1' }) };
}

describe('the option claimsSchema of an issuer', () => {
  it('types the claims that its verifier reads', async () => {
    const { tokens, login } = createWorld(async () => ({ role: 'admin', extra: 1 }));
    const { accessToken } = await login();
    const { claims } = await verifyBearer(tokens.verifier, `Bearer ${accessToken}`);
    const role: 'admin' | 'user' = claims.role;
    expect([role, claims['extra']]).toEqual(['admin', 1]);
  });

  it.each<[unknown]>([[{ role: 's3cret' }], [{}], [Promise.resolve({ role: 7 })]])(
    'makes %p a failure of the hook, which is heard and spends nothing',
    async (bad) => {
      let answer: unknown = { role: 'user' };
      const { tokens, login, events } = createWorld(() => answer);
      const { refreshToken } = await login();
      answer = bad;
      await expect(refreshTokenPair(tokens, refreshToken)).rejects.toMatchObject({ status: 503 });
      const failed = events.find(({ type }) => type === 'hook.failed') as { cause?: unknown };
      expect(failed).toMatchObject({ hook: 'claims' });
      expect(String(failed.cause)).toMatch(/claimsSchema does not accept, at 'role'$/);
      answer = { role: 'user' };
      await expect(refreshTokenPair(tokens, refreshToken)).resolves.toMatchObject({});
    },
  );

  it('still lets the hook deny the subject', async () => {
    await expect(createWorld(() => false).login()).rejects.toMatchObject({ code: 'access_denied' });
  });

  it.each<[string, object]>([
    ['claimsSchema must be a Standard Schema', { claims: () => ({}), claimsSchema: {} }],
    ['give claims too', { claimsSchema: v.object({}) }],
  ])('is checked at once: %s', (message, options) => {
    const create = () =>
      createTokenIssuer({ ...base, store: new MemorySessionStore(), ...options });
    expect(create).toThrow(message);
  });
});
