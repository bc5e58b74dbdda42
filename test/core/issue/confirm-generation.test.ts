// Confirming that a generation was seen in use, by a server that forwards the access token.

import { randomBytes } from 'node:crypto';

import {
  confirmGeneration,
  InvalidTokenError,
  issueTokenPair,
  MemorySessionStore,
  refreshTokenPair,
  StoreUnavailableError,
} from '@tokenpair/core';
import { breakable } from '@tokenpair/testing';

import { forge, replaceSegment, signerFor } from '../../support/forge.js';
import { audienceName, createTestIssuer, issuerName } from '../../support/issuer.js';
import { codeOf } from '../../support/outcome.js';

const secret = randomBytes(32);

async function signedIn() {
  const issuer = createTestIssuer({ keys: [{ kid: 'k', algorithm: 'HS256', secret }] });
  const pair = await issueTokenPair(issuer.tokens, { subject: 'u_1' });
  issuer.calls.length = 0;
  const { sessionId } = pair;
  const confirmed = async () => (await issuer.store.get(sessionId))?.confirmed;
  /** An access token that the issuer's key signed, with other claims. */
  function tokenWith(claims: object, key = secret): string {
    const iat = Math.floor(issuer.clock.now() / 1_000);
    const usual = { iss: issuerName, aud: audienceName, sub: 'u_1', sid: sessionId, gen: 1 };
    return forge({
      header: { alg: 'HS256', typ: 'at+jwt', kid: 'k' },
      payload: { ...usual, iat, exp: iat + 300, ...claims },
      signer: signerFor('HS256', key),
    });
  }
  return { ...issuer, ...pair, confirmed, tokenWith };
}

describe('confirming a generation', () => {
  it('notes in the store the generation that the access token names', async () => {
    const { tokens, accessToken, refreshToken, confirmed, calls, clock } = await signedIn();
    await expect(confirmGeneration(tokens, accessToken)).resolves.toBeUndefined();
    expect(calls).toEqual(['confirm']);
    expect(await confirmed()).toBe(1);
    const second = await refreshTokenPair(tokens, refreshToken);
    expect(await confirmed()).toBe(1);
    await confirmGeneration(tokens, second.accessToken);
    expect(await confirmed()).toBe(2);
    clock.advance(1);
    await confirmGeneration(tokens, accessToken);
    expect(await confirmed()).toBe(2);
  });

  it('extends no lifetime and emits no event', async () => {
    const { tokens, accessToken, store, sessionId, clock, events } = await signedIn();
    clock.advance(60);
    const before = await store.get(sessionId);
    events.length = 0;
    await confirmGeneration(tokens, accessToken);
    expect(await store.get(sessionId)).toEqual({ ...before, confirmed: 1 });
    expect(events).toEqual([]);
  });

  it('accepts a token that has expired on its way', async () => {
    const { tokens, accessToken, confirmed, clock } = await signedIn();
    clock.advance(86_400);
    await confirmGeneration(tokens, accessToken);
    expect(await confirmed()).toBe(1);
  });

  it('accepts the token of a session that has ended, and brings nothing back', async () => {
    const { tokens, accessToken, store, sessionId } = await signedIn();
    await store.revoke(sessionId);
    await confirmGeneration(tokens, accessToken);
    await expect(store.get(sessionId)).resolves.toBeUndefined();
  });

  it.each<[string, object]>([
    ['no generation', { gen: undefined }],
    ['generation 0', { gen: 0 }],
    ['a negative generation', { gen: -1 }],
    ['half a generation', { gen: 1.5 }],
    ['a generation that is text', { gen: '1' }],
    ['a generation beyond exact numbers', { gen: 2 ** 53 }],
    ['no session', { sid: undefined }],
    ['a session ID of another form', { sid: 'x' }],
  ])('accepts a token with %s and reports nothing', async (_what, claims) => {
    const { tokens, tokenWith, calls } = await signedIn();
    await confirmGeneration(tokens, tokenWith(claims));
    expect(calls).toEqual([]);
  });

  it('ignores a generation that cannot be', async () => {
    const { tokens, tokenWith, confirmed } = await signedIn();
    await confirmGeneration(tokens, tokenWith({ gen: 3 }));
    expect(await confirmed()).toBe(0);
    // The store may lack one rotation.
    await confirmGeneration(tokens, tokenWith({ gen: 2 }));
    expect(await confirmed()).toBe(2);
  });
});

describe('confirming a generation by a token that this issuer did not sign', () => {
  it('is refused when the claims or the signature were changed', async () => {
    const { tokens, accessToken, tokenWith, calls } = await signedIn();
    const raised = replaceSegment(accessToken, 1, (text) => {
      const claims = JSON.parse(Buffer.from(text, 'base64url').toString()) as object;
      return Buffer.from(JSON.stringify({ ...claims, gen: 2 })).toString('base64url');
    });
    const forged = [
      raised,
      replaceSegment(accessToken, 2, () => 'AAAA'),
      accessToken.slice(0, -2),
      tokenWith({}, randomBytes(32)),
      forge({
        header: { alg: 'none', typ: 'at+jwt', kid: 'k' },
        payload: { iss: issuerName, aud: audienceName, sub: 'u_1', gen: 1 },
        signer: () => Buffer.alloc(0),
      }),
    ];
    for (const token of forged) {
      const refusal = confirmGeneration(tokens, token);
      await expect(refusal).rejects.toThrow(InvalidTokenError);
      await expect(refusal).rejects.toMatchObject({ status: 401 });
    }
    expect(calls).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['another issuer', { iss: 'https://other.test' }, 'iss'],
    ['another audience', { aud: 'https://other.test' }, 'aud'],
    ['no subject', { sub: undefined }, 'sub'],
    ['a session ID that is not text', { sid: 7 }, 'sid'],
    ['a key that it is bound to', { cnf: {} }, 'cnf'],
  ])('is refused for %s', async (_what, claims, check) => {
    const { tokens, tokenWith, calls } = await signedIn();
    await expect(confirmGeneration(tokens, tokenWith(claims))).rejects.toMatchObject({
      code: 'token_invalid',
      check,
    });
    expect(calls).toEqual([]);
  });

  it.each([undefined, null, '', 'x', 7, {}, ['x'], 'a.b.c'])('is refused for %p', async (token) => {
    const { tokens, calls } = await signedIn();
    expect(await codeOf(confirmGeneration(tokens, token as string))).toBe('token_invalid');
    expect(calls).toEqual([]);
  });
});

describe('confirming a generation while the store is down', () => {
  it('gets 503, and the next use may be reported instead', async () => {
    const faulty = breakable(new MemorySessionStore());
    const { tokens, events } = createTestIssuer({ store: faulty.store, clock: Date.now });
    const { accessToken, sessionId } = await issueTokenPair(tokens, { subject: 'u_1' });
    for (const how of ['down', 'garbled'] as const) {
      faulty.break(how);
      await expect(confirmGeneration(tokens, accessToken)).rejects.toThrow(StoreUnavailableError);
      expect(events.at(-1)).toMatchObject({ type: 'store.unavailable', operation: 'confirm' });
    }
    faulty.repair();
    await confirmGeneration(tokens, accessToken);
    await expect(faulty.store.get(sessionId)).resolves.toMatchObject({ confirmed: 1 });
  });
});
