// Issuers that the application finds when a token comes: tenants that are not known at start.

import { createTokenVerifier, verifyBearer, type AcceptedIssuerOptions } from '@tokenpair/core';
import type { FindIssuer, TokenpairEvent, TokenVerifierOptions } from '@tokenpair/core';
import { createTestClock } from '@tokenpair/testing';

import { forge, signerFor } from '../../support/forge.js';
import { createKeyPair } from '../../support/keys.js';

const { publicKey, privateKey } = createKeyPair('ES256');
const audience = 'https://api.test';
const tenant = (name: string): AcceptedIssuerOptions => ({
  issuer: `https://${name}.test`,
  audience,
  keys: [{ kid: '1', algorithm: 'ES256', publicKey }],
});

function createWorld(answer: (name: string) => unknown, more: object = {}) {
  const clock = createTestClock();
  const events: TokenpairEvent[] = [];
  const issuers = jest.fn(answer);
  const verifier = createTokenVerifier({
    issuers: issuers as FindIssuer,
    clock: clock.now,
    onEvent: (event: TokenpairEvent) => events.push(event),
    ...more,
  });
  const token = (name: string, claims = {}) =>
    forge({
      header: { alg: 'ES256', typ: 'at+jwt', kid: '1' },
      payload: {
        iss: `https://${name}.test`,
        sub: 'u_1',
        aud: audience,
        exp: clock.now() / 1_000 + 7 * 86_400,
        ...claims,
      },
      signer: signerFor('ES256', privateKey),
    });
  const verify = (text: string) => verifyBearer(verifier, `Bearer ${text}`);
  return { clock, events, issuers, verifier, token, verify };
}

const ok = { subject: 'u_1' };
const unknown = { code: 'token_invalid', status: 401, check: 'iss' };
const unavailable = { code: 'temporarily_unavailable', status: 503 };
const known = (name: string) =>
  /^https:\/\/(?:a|b)\.test$/.test(name) ? tenant(name.slice(8, 9)) : undefined;

describe('issuers as a function', () => {
  it.each<[string, (name: string) => unknown]>([
    ['async', async (name) => known(name)],
    ['not async', known],
  ])('accepts the tokens of the issuers that it finds: %s', async (_how, find) => {
    const { verify, token, issuers, verifier } = createWorld(find);
    await expect(verify(token('a'))).resolves.toMatchObject({ ...ok, issuer: 'https://a.test' });
    await expect(verify(token('b'))).resolves.toMatchObject({ ...ok, issuer: 'https://b.test' });
    await expect(verify(token('c'))).rejects.toMatchObject(unknown);
    expect(issuers.mock.calls).toEqual([
      ['https://a.test'],
      ['https://b.test'],
      ['https://c.test'],
    ]);
    expect(verifier.accepts).toEqual([]);
  });

  it('keeps each answer for its lifetime, the unknown ones for 30 seconds at most', async () => {
    const { verify, token, issuers, clock } = createWorld(async (name) => known(name));
    const [a, c] = [token('a'), token('c')];
    await verify(a);
    await expect(verify(c)).rejects.toMatchObject(unknown);
    clock.advance(29);
    await verify(a);
    await verify(token('a', { jti: '2' }));
    await expect(verify(c)).rejects.toMatchObject(unknown);
    expect(issuers).toHaveBeenCalledTimes(2);
    clock.advance(2);
    await expect(verify(c)).rejects.toMatchObject(unknown);
    expect(issuers).toHaveBeenCalledTimes(3);
    clock.advance(600);
    await verify(a);
    expect(issuers).toHaveBeenCalledTimes(4);
  });

  it('refuses the cached tokens of a tenant that is gone, after the lifetime', async () => {
    let tenants = ['a'];
    const find = (name: string) => (tenants.includes(name.slice(8, 9)) ? tenant('a') : null);
    const { verify, token, clock } = createWorld(find, { issuerCache: { lifetime: 60 } });
    const a = token('a');
    await verify(a);
    tenants = [];
    clock.advance(59);
    await expect(verify(a)).resolves.toMatchObject(ok);
    clock.advance(1);
    await expect(verify(a)).rejects.toMatchObject(unknown);
    tenants = ['a'];
    clock.advance(31);
    await expect(verify(a)).resolves.toMatchObject(ok);
  });

  it('asks once for any number of requests', async () => {
    const { verify, token, issuers } = createWorld(async (name) => {
      await new Promise((resolve) => setImmediate(resolve));
      return known(name);
    });
    await Promise.all(
      Array.from({ length: 50 }, (_, jti) => verify(token('a', { jti: `${jti}` }))),
    );
    expect(issuers).toHaveBeenCalledTimes(1);
  });

  it('asks about a hundred issuers at a time; more requests get 503', async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { verify, token, issuers } = createWorld(() => gate);
    const outcomes = Array.from({ length: 150 }, (_, index) =>
      verify(token(`t${index}`)).catch((error: { status: number }) => error.status),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(issuers).toHaveBeenCalledTimes(100);
    release();
    const statuses = await Promise.all(outcomes);
    expect(statuses.filter((status) => status === 503)).toHaveLength(50);
    expect(statuses.filter((status) => status === 401)).toHaveLength(100);
  });

  it('forgets no known issuer because of unknown ones', async () => {
    const { verify, token, issuers } = createWorld(known, { issuerCache: { max: 1 } });
    await verify(token('a'));
    for (let index = 0; index < 20; index += 1) {
      await expect(verify(token(`t${index}`))).rejects.toMatchObject(unknown);
    }
    issuers.mockClear();
    await verify(token('a', { jti: '2' }));
    expect(issuers).not.toHaveBeenCalled();
    await verify(token('b'));
    await verify(token('a', { jti: '3' }));
    expect(issuers).toHaveBeenCalledTimes(2);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('database down');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('database down'))],
    ['returns true', () => true],
    ['returns the rules of another issuer', async () => tenant('b')],
    ['returns rules without an audience', async () => ({ ...tenant('a'), audience: undefined })],
    ['returns an unknown option', async () => ({ ...tenant('a'), audiences: [] })],
    [
      'returns a private key',
      async () => ({ ...tenant('a'), keys: [{ kid: '1', algorithm: 'ES256', privateKey }] }),
    ],
  ])('is 503 with an event, and keeps nothing, when it %s', async (_what, answer) => {
    let current = answer;
    const { verify, token, events } = createWorld(() => current());
    await expect(verify(token('a'))).rejects.toMatchObject(unavailable);
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'issuers' }]);
    current = async () => tenant('a');
    await expect(verify(token('a'))).resolves.toMatchObject(ok);
  });

  it('finds a known issuer again, however many unknown ones it is being asked about', async () => {
    let release!: () => void;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { verify, token, clock } = createWorld(async (name) => {
      if (known(name) === undefined) await gate;
      return known(name);
    });
    await verify(token('a'));
    const flood = Array.from({ length: 120 }, (_, at) =>
      verify(token(`x${at}`)).catch((error: { status: number }) => error.status),
    );
    clock.advance(601);
    await expect(verify(token('a'))).resolves.toMatchObject(ok);
    release();
    const statuses = await Promise.all(flood);
    expect(statuses.filter((status) => status === 503)).toHaveLength(20);
  });

  it('is 503 when it is too slow', async () => {
    jest.useFakeTimers();
    try {
      const { verify, token } = createWorld(() => new Promise(() => {}), { deadline: 1 });
      const outcome = verify(token('a')).catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(1_001);
      expect(await outcome).toMatchObject(unavailable);
    } finally {
      jest.useRealTimers();
    }
  });

  it.each([undefined, null, 7, ['https://a.test'], `https://${'a'.repeat(2_100)}.test`])(
    'is not asked about an iss of %p',
    async (iss) => {
      const { verify, token, issuers } = createWorld(known);
      await expect(verify(token('a', { iss }))).rejects.toMatchObject(unknown);
      expect(issuers).not.toHaveBeenCalled();
    },
  );

  it('keeps loaded keys as long as it returns the same object', async () => {
    const answer = tenant('a');
    const { verify, token, clock, verifier } = createWorld(() => answer);
    const { finder } = verifier as unknown as { finder: { find(name: string): unknown } };
    const reader = jest.spyOn(finder, 'find');
    await verify(token('a'));
    clock.advance(601);
    await verify(token('a'));
    const [first, second] = reader.mock.results.map(({ value }) => value as unknown);
    expect(second).toBe(first);
  });

  it('leaves nothing to replaceKeys', () => {
    const { verifier } = createWorld(known);
    expect(() => verifier.replaceKeys([], 'https://a.test')).toThrow(/issuers is a function/);
  });

  it.each<[string, object]>([
    ['issuers', { issuers: 'https://a.test' }],
    ["'issuer'", { issuers: known, issuer: 'https://a.test' }],
    ['issuerCache', { issuers: [tenant('a')], issuerCache: {} }],
    ['issuerCache', { ...tenant('a'), issuerCache: {} }],
    ['issuerCache.max', { issuers: known, issuerCache: { max: 0 } }],
    ['issuerCache.lifetime', { issuers: known, issuerCache: { lifetime: '2d' } }],
    ['issuerCache', { issuers: known, issuerCache: { ttl: 5 } }],
    ['issuerCache', { issuers: known, issuerCache: null }],
  ])('is checked at once: %s', (message, options) => {
    expect(() => createTokenVerifier(options as TokenVerifierOptions)).toThrow(TypeError);
    expect(() => createTokenVerifier(options as TokenVerifierOptions)).toThrow(message);
  });
});
