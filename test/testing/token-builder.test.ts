import {
  createTokenIssuer,
  createTokenVerifier,
  MemorySessionStore,
  verifyBearer,
} from '@tokenpair/core';
import { createTestClock, createTokenBuilder, type TokenBuilderOptions } from '@tokenpair/testing';

import { codeOf } from '../support/outcome.js';

function setUp(options: TokenBuilderOptions = {}) {
  const clock = createTestClock();
  const tokens = createTokenBuilder({ clock: clock.now, ...options });
  const { issuer, audience, keys } = tokens;
  const verifier = createTokenVerifier({ issuer, audience, keys, clock: clock.now });
  return { clock, tokens, verifier };
}

describe('a token builder', () => {
  it('creates tokens that a verifier with its issuer, audience and keys accepts', async () => {
    const { tokens, verifier } = setUp();
    const token = await verifyBearer(verifier, tokens.bearer());
    expect(token).toMatchObject({ subject: 'u_1', claims: { iss: 'https://issuer.test' } });
  });

  it('writes the given claims, and omits those that are undefined', async () => {
    const { tokens, verifier } = setUp({ subject: 'u_2' });
    const claims = { scope: 'a b', role: 'admin', jti: 'j', nbf: undefined };
    const token = await verifyBearer(verifier, tokens.bearer(claims));
    expect(token.subject).toBe('u_2');
    expect([...token.scopes]).toEqual(['a', 'b']);
    expect(token.claims).toMatchObject({ role: 'admin', jti: 'j' });
    expect(Object.keys(token.claims)).not.toContain('nbf');
    expect(await codeOf(verifyBearer(verifier, tokens.bearer({ sub: undefined })))).toBe(
      'token_invalid',
    );
  });

  it.each([
    ['expired', 'token_expired'],
    ['forged', 'token_invalid'],
    ['forAnotherAudience', 'token_invalid'],
  ] as const)('creates a token that is refused: %s', async (name, code) => {
    const { tokens, verifier } = setUp();
    expect(await codeOf(verifyBearer(verifier, tokens[name]()))).toBe(code);
    expect(await codeOf(verifyBearer(verifier, tokens[name]({ sub: 'u_2' })))).toBe(code);
  });

  it('creates wrong tokens with exactly one defect', async () => {
    const { tokens, clock } = setUp();
    const { issuer, audience, keys } = tokens;
    const options = { issuer, audience, keys, clock: clock.now };
    const elsewhere = createTokenVerifier({ ...options, audience: 'https://another.test' });
    expect(await codeOf(verifyBearer(elsewhere, tokens.forAnotherAudience()))).toBe('ok');
    const earlier = createTokenVerifier({ ...options, clock: () => clock.now() - 3_700_000 });
    expect(await codeOf(verifyBearer(earlier, tokens.expired()))).toBe('ok');
    const [header, , signature] = tokens.bearer({ jti: 'j', sid: 's' }).split('.');
    const forged = tokens.forged({ jti: 'j', sid: 's' }).split('.');
    expect(forged[0]).toBe(header);
    expect(forged[2]).not.toBe(signature);
  });

  it('creates tokens that expire after its lifetime by its clock', async () => {
    const { clock, tokens, verifier } = setUp({ lifetime: 60 });
    const token = tokens.bearer();
    clock.advance(59);
    await verifyBearer(verifier, token);
    clock.advance(7);
    expect(await codeOf(verifyBearer(verifier, token))).toBe('token_expired');
  });

  it('has keys that an issuer also accepts', async () => {
    const { tokens, clock } = setUp({ audience: ['https://a.test', 'https://b.test'] });
    const issuer = createTokenIssuer({
      issuer: tokens.issuer,
      audience: tokens.audience,
      keys: tokens.keys,
      refreshKeys: [{ kid: '1', secret: 'x'.repeat(32) }],
      store: new MemorySessionStore(),
      clock: clock.now,
    });
    expect(await codeOf(verifyBearer(issuer.verifier, tokens.bearer()))).toBe('ok');
  });

  it('has a unique key', async () => {
    const { verifier, clock } = setUp();
    const { bearer } = createTokenBuilder({ clock: clock.now });
    expect(await codeOf(verifyBearer(verifier, bearer()))).toBe('token_invalid');
  });
});

describe('a test clock', () => {
  it('does not move until it is advanced or set', () => {
    const clock = createTestClock();
    expect([clock.now(), clock.now()]).toEqual([1_795_435_200_000, 1_795_435_200_000]);
    clock.advance(1.5);
    expect(clock.now()).toBe(1_795_435_201_500);
    clock.advance(-1);
    clock.set(clock.now() + 1);
    expect(clock.now()).toBe(1_795_435_200_501);
    expect(createTestClock(7).now()).toBe(7);
  });
});
