import { inspect } from 'node:util';

import type { AuthError } from '@tokenpair/core';
import {
  createRequestAuthenticator,
  guardScopes,
  type AuthenticationOptions,
  type RequestAuthenticator,
  type ServerRequest,
} from '@tokenpair/core/adapter';

import { createTestVerifier } from '../../support/verifier.js';

function requestWith(authorization?: string, more: Partial<ServerRequest> = {}): ServerRequest {
  return {
    ...more,
    headers: { ...(authorization !== undefined && { authorization }), ...more.headers },
  };
}

function createAuthenticator(options?: AuthenticationOptions) {
  const isRevoked = jest.fn(() => false);
  const { verifier, token, clock } = createTestVerifier({ isRevoked });
  const authenticator = createRequestAuthenticator(verifier, options);
  return { authenticator, isRevoked, token, clock, request: requestWith };
}

const missing = { code: 'token_missing', status: 401 };
const preflight = {
  method: 'OPTIONS',
  headers: { origin: 'https://app.test', 'access-control-request-method': 'POST' },
};

describe('a request authenticator with the option optional', () => {
  const expired = { exp: 1 };

  it.each<[string, object]>([
    ['an expired token', expired],
    ['a token of another audience', { aud: 'x' }],
  ])('treats %s as a guest when it is lenient, with an event', async (_what, claims) => {
    const given = createTestVerifier();
    const authenticator = createRequestAuthenticator(given.verifier, { optional: 'lenient' });
    const request = requestWith(`Bearer ${given.token(claims)}`);
    await authenticator.authenticate(request);
    expect(authenticator.tokenOf(request)).toBeUndefined();
    expect(authenticator.requireToken(request)).toBeUndefined();
    expect(given.events).toMatchObject([{ type: 'verification.refused' }]);
    const strict = createRequestAuthenticator(given.verifier, { optional: true });
    await expect(strict.authenticate(request)).rejects.toMatchObject({ status: 401 });
  });

  it.each(['Bearer a b', 'Bearer x', 'Bearer undefined', 'Bearer', 'Basic x', undefined])(
    'lets the credential %p pass when it is lenient',
    async (authorization) => {
      const { authenticator } = createAuthenticator({ optional: 'lenient' });
      await expect(authenticator.authenticate(requestWith(authorization))).resolves.toBeUndefined();
    },
  );

  it('still knows the subject of a good token when it is lenient', async () => {
    const { authenticator, token } = createAuthenticator({ optional: 'lenient' });
    const request = requestWith(`Bearer ${token()}`);
    await authenticator.authenticate(request);
    expect(authenticator.requireToken(request)).toMatchObject({ subject: 'u_1' });
  });

  it('requires a good token at a guard, also when it is lenient', async () => {
    const { authenticator, token } = createAuthenticator({ optional: 'lenient' });
    const request = requestWith(`Bearer ${token({ ...expired, scope: 'a' })}`);
    await authenticator.authenticate(request);
    await expect(authenticator.guard(request, guardScopes('a'), undefined)).rejects.toMatchObject({
      code: 'token_expired',
    });
  });

  it('is 503 when the token could not be checked, also when it is lenient', async () => {
    const given = createTestVerifier({
      isRevoked: () => {
        throw new Error('down');
      },
    });
    const authenticator = createRequestAuthenticator(given.verifier, { optional: 'lenient' });
    const request = requestWith(`Bearer ${given.token()}`);
    await expect(authenticator.authenticate(request)).rejects.toMatchObject({ status: 503 });
  });

  it.each(['Lenient', 'strict', 1, null, 'true'])('refuses %p', (optional) => {
    expect(() => createAuthenticator({ optional } as never)).toThrow(
      /^optional must be true, false or 'lenient'/,
    );
  });
});

describe('a request authenticator', () => {
  it('stores the token of each request separately', async () => {
    const { authenticator, request, token } = createAuthenticator();
    const [first, second] = [token(), token({ sub: 'u_2' })].map((one) => request(`Bearer ${one}`));
    expect(authenticator.tokenOf(first as ServerRequest)).toBeUndefined();
    await authenticator.authenticate(first as ServerRequest);
    await authenticator.authenticate(second as ServerRequest);
    expect(authenticator.tokenOf(first as ServerRequest)).toMatchObject({ subject: 'u_1' });
    expect(authenticator.tokenOf(second as ServerRequest)).toMatchObject({ subject: 'u_2' });
    expect(authenticator.tokenOf(request(`Bearer ${token()}`))).toBeUndefined();
  });

  it('verifies a request once, with any number of guards', async () => {
    const { authenticator, isRevoked, request, token } = createAuthenticator();
    const guarded = request(`Bearer ${token({ scope: 'a b' })}`);
    await authenticator.authenticate(guarded);
    await authenticator.authenticate(guarded);
    await authenticator.guard(guarded, guardScopes('a'), undefined);
    await authenticator.guard(guarded, guardScopes('b'), undefined);
    expect(isRevoked).toHaveBeenCalledTimes(1);
  });

  it('verifies the request at a guard when authenticate was not called', async () => {
    const { authenticator, request, token } = createAuthenticator();
    const guarded = request(`Bearer ${token({ scope: 'a' })}`);
    await authenticator.guard(guarded, guardScopes('a'), undefined);
    expect(authenticator.tokenOf(guarded)).toMatchObject({ subject: 'u_1' });
    await expect(authenticator.guard(request(), guardScopes('a'), undefined)).rejects.toMatchObject(
      missing,
    );
    await expect(
      authenticator.guard(request('Bearer abc'), guardScopes('a'), undefined),
    ).rejects.toMatchObject({ code: 'token_invalid' });
  });

  it('calls the guard with token and context, and awaits it', async () => {
    const { authenticator, request, token } = createAuthenticator();
    const refusal = new Error('later');
    const guard = jest.fn(() => Promise.reject(refusal));
    await expect(authenticator.guard(request(`Bearer ${token()}`), guard, 'context')).rejects.toBe(
      refusal,
    );
    expect(guard).toHaveBeenCalledWith(expect.objectContaining({ subject: 'u_1' }), 'context');
  });

  it('stores nothing for a refused request', async () => {
    const { authenticator, request, token, clock } = createAuthenticator();
    const expired = request(`Bearer ${token({ exp: clock.now() / 1_000 })}`);
    await expect(authenticator.authenticate(expired)).rejects.toMatchObject({
      code: 'token_expired',
    });
    expect(authenticator.tokenOf(expired)).toBeUndefined();
  });
});

describe('several request authenticators', () => {
  it('with one verifier verify a request once and share its token', async () => {
    const isRevoked = jest.fn(() => false);
    const { verifier, token } = createTestVerifier({ isRevoked });
    const [one, other] = [
      createRequestAuthenticator(verifier),
      createRequestAuthenticator(verifier, { optional: true }),
    ];
    const guarded = requestWith(`Bearer ${token({ scope: 'a' })}`);
    await one.authenticate(guarded);
    await other.authenticate(guarded);
    await other.guard(guarded, guardScopes('a'), undefined);
    expect(isRevoked).toHaveBeenCalledTimes(1);
    expect(one.requireToken(guarded)).toMatchObject({ subject: 'u_1' });
    expect(other.tokenOf(guarded)).toBe(one.tokenOf(guarded));
  });

  it('with two verifiers share nothing', async () => {
    const [first, second] = [createTestVerifier(), createTestVerifier()];
    const [one, other] = [first, second].map(({ verifier }) =>
      createRequestAuthenticator(verifier),
    ) as [RequestAuthenticator, RequestAuthenticator];
    const request = requestWith(`Bearer ${first.token()}`);
    await one.authenticate(request);
    expect(one.tokenOf(request)).toMatchObject({ subject: 'u_1' });
    expect(other.tokenOf(request)).toBeUndefined();
    expect(() => other.requireToken(request)).toThrow('bearer has not verified this request');
    await expect(other.authenticate(request)).rejects.toMatchObject({ check: 'signature' });
    await expect(other.guard(request, guardScopes('a'), undefined)).rejects.toMatchObject({
      check: 'signature',
    });
  });
});

describe.each<[string, (request: ServerRequest) => ServerRequest]>([
  ['with raw headers', (request) => ({ ...request, rawHeaders: ['Host', 'api.test'] })],
  ['without raw headers', (request) => request],
  ['with frozen raw headers', (request) => ({ ...request, rawHeaders: Object.freeze([]) })],
  ['that is frozen', (request) => Object.freeze({ ...request, rawHeaders: [] })],
])('a request %s', (_what, withMore) => {
  it('looks the same after verification, and a copy of it does not count as verified', async () => {
    const { authenticator, request, token } = createAuthenticator();
    const verified = withMore(request(`Bearer ${token()}`));
    const before = inspect(verified, { showHidden: true, depth: 9 });
    await authenticator.authenticate(verified);
    expect(authenticator.tokenOf(verified)).toMatchObject({ subject: 'u_1' });
    expect(inspect(verified, { showHidden: true, depth: 9 })).toBe(before);
    expect(authenticator.tokenOf({ ...verified })).toBeUndefined();
    expect(authenticator.tokenOf(Object.create(verified) as object)).toBeUndefined();
  });
});

describe('a request whose token is in the cache', () => {
  it('passes at once, without a promise', async () => {
    const { verifier, token } = createTestVerifier();
    const authenticator = createRequestAuthenticator(verifier);
    const authorization = `Bearer ${token()}`;
    await authenticator.authenticate(requestWith(authorization));
    const next = requestWith(authorization);
    expect(authenticator.authenticate(next)).toBeUndefined();
    expect(authenticator.tokenOf(next)).toMatchObject({ subject: 'u_1' });
  });

  it.each<[string, Partial<ServerRequest>]>([
    ['two Authorization lines', { rawHeaders: ['Authorization', 'a', 'authorization', 'b'] }],
    ['several values', { headers: { authorization: ['a', 'b'] } }],
  ])('fails with %s, and one event reports it', async (_what, more) => {
    const { verifier, token, events } = createTestVerifier();
    const authenticator = createRequestAuthenticator(verifier);
    const authorization = `Bearer ${token()}`;
    await authenticator.authenticate(requestWith(authorization));
    const pending = authenticator.authenticate(requestWith(authorization, more));
    await expect(pending).rejects.toMatchObject({ code: 'request_malformed' });
    expect(events).toMatchObject([{ type: 'verification.refused', code: 'request_malformed' }]);
  });

  it('rejects when the token has expired, and one event reports it', async () => {
    const { verifier, token, clock, events } = createTestVerifier();
    const authenticator = createRequestAuthenticator(verifier);
    const authorization = `Bearer ${token()}`;
    await authenticator.authenticate(requestWith(authorization));
    clock.advance(300);
    const pending = authenticator.authenticate(requestWith(authorization));
    await expect(pending).rejects.toMatchObject({ code: 'token_expired' });
    expect(events).toMatchObject([{ type: 'verification.refused', code: 'token_expired' }]);
  });
});

describe('optional authentication', () => {
  it.each([undefined, '', 'Basic dXNlcjpwYXNz'])(
    'accepts a request with the Authorization %p, without a token',
    async (authorization) => {
      const { authenticator, request } = createAuthenticator({ optional: true });
      const anonymous = request(authorization);
      await expect(authenticator.authenticate(anonymous)).resolves.toBeUndefined();
      expect(authenticator.tokenOf(anonymous)).toBeUndefined();
    },
  );

  it('still refuses an invalid credential', async () => {
    const { authenticator, request, token, clock } = createAuthenticator({ optional: true });
    const expired = token({ exp: clock.now() / 1_000 });
    for (const [authorization, code] of [
      [`Bearer ${expired}`, 'token_expired'],
      ['Bearer abc', 'token_invalid'],
      ['Bearer a b', 'request_malformed'],
    ] as const) {
      await expect(authenticator.authenticate(request(authorization))).rejects.toMatchObject({
        code,
      });
    }
  });

  it('accepts no request when verification fails with 503', async () => {
    const { verifier, token } = createTestVerifier({
      isRevoked: () => Promise.reject(new Error()),
    });
    const authenticator = createRequestAuthenticator(verifier, { optional: true });
    await expect(
      authenticator.authenticate({ headers: { authorization: `Bearer ${token()}` } }),
    ).rejects.toMatchObject({ status: 503 });
  });

  it('refuses an anonymous request at a guard', async () => {
    const { authenticator, request } = createAuthenticator({ optional: true });
    const anonymous = request();
    await authenticator.authenticate(anonymous);
    await expect(authenticator.guard(anonymous, guardScopes('a'), undefined)).rejects.toMatchObject(
      missing,
    );
  });

  it('still identifies the caller with a valid token', async () => {
    const { authenticator, request, token } = createAuthenticator({ optional: true });
    const known = request(`Bearer ${token()}`);
    await authenticator.authenticate(known);
    expect(authenticator.tokenOf(known)).toMatchObject({ subject: 'u_1' });
  });
});

describe('a CORS preflight', () => {
  it('is verified like any request by default', async () => {
    for (const options of [
      undefined,
      {},
      { preflight: 'verify' },
      { preflight: undefined },
    ] as const) {
      const { authenticator, request } = createAuthenticator(options);
      const asked = request(undefined, preflight);
      await expect(authenticator.authenticate(asked)).rejects.toMatchObject(missing);
      await expect(authenticator.guard(asked, guardScopes('a'), undefined)).rejects.toMatchObject(
        missing,
      );
    }
  });

  it('passes with the option preflight, at guards too', async () => {
    const { authenticator, request } = createAuthenticator({ preflight: 'pass' });
    const asked = request(undefined, preflight);
    expect(authenticator.authenticate(asked)).toBeUndefined();
    await expect(authenticator.guard(asked, guardScopes('a'), undefined)).resolves.toBeUndefined();
    expect(authenticator.tokenOf(asked)).toBeUndefined();
  });

  it.each<[string, Partial<ServerRequest>]>([
    ['Origin', { ...preflight, headers: { ...preflight.headers, origin: undefined } }],
    [
      'Access-Control-Request-Method',
      {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.test',
          'access-control-request-headers': 'authorization',
        },
      },
    ],
    ['its method', { headers: preflight.headers }],
    ['OPTIONS, being a GET', { ...preflight, method: 'GET' }],
    ['OPTIONS, being a POST', { ...preflight, method: 'POST' }],
    ['OPTIONS in capitals', { ...preflight, method: 'options' }],
  ])('is an ordinary request without %s', async (_what, more) => {
    const { authenticator, request } = createAuthenticator({ preflight: 'pass' });
    await expect(authenticator.authenticate(request(undefined, more))).rejects.toMatchObject(
      missing,
    );
  });
});

describe('createRequestAuthenticator', () => {
  it.each<[string, object]>([
    ['optional', { optional: 'false' }],
    ['optional', { optional: 0 }],
    ['optional', { optional: null }],
    ['preflight', { preflight: true }],
    ['preflight', { preflight: 'PASS' }],
    ['preflight', { preflight: null }],
    ['credentialsRequired', { credentialsRequired: false }],
    ['unless', { unless: ['/login'] }],
  ])('names the option %s when it is wrong: %p', (name, options) => {
    const { verifier } = createTestVerifier();
    expect(() => createRequestAuthenticator(verifier, options)).toThrow(TypeError);
    expect(() => createRequestAuthenticator(verifier, options)).toThrow(
      new RegExp(`\\b${name}\\b`),
    );
  });
});

describe('the challenge of a guard for scopes, to a request without a valid token,', () => {
  const guard = guardScopes('orders:read', 'orders:write');
  const challengeOf = async (authorization: string | undefined, changes: object = {}) => {
    const { authenticator } = createAuthenticator(changes);
    const outcome = authenticator.guard(requestWith(authorization), guard, undefined);
    const { headers } = (await outcome.catch((error: unknown) => error as AuthError)) as AuthError;
    return headers['WWW-Authenticate'];
  };

  it('names the scopes', async () => {
    expect(await challengeOf(undefined)).toBe(
      'Bearer realm="api", scope="orders:read orders:write"',
    );
    expect(await challengeOf('Bearer abc')).toMatch(
      /^Bearer realm="api", error="invalid_token", .*, scope="orders:read orders:write"$/,
    );
    expect(await challengeOf(undefined, { optional: true })).toContain('scope="orders:read');
  });

  it('leaves other answers as they are', async () => {
    expect(await challengeOf('Bearer a b')).not.toContain('scope=');
    const { authenticator, token } = createAuthenticator();
    const request = requestWith(`Bearer ${token({ scope: 'orders:read' })}`);
    const error = await authenticator.guard(request, guard, undefined).catch((e: unknown) => e);
    const challenge = String((error as AuthError).headers['WWW-Authenticate']);
    expect(challenge.match(/scope="/g)).toHaveLength(1);
    const plain = authenticator.guard(requestWith(), () => undefined, undefined);
    await expect(plain).rejects.toMatchObject({
      headers: { 'WWW-Authenticate': 'Bearer realm="api"' },
    });
  });

  it('does not change the errors of later requests', async () => {
    const { authenticator } = createAuthenticator();
    await expect(authenticator.guard(requestWith(), guard, undefined)).rejects.toMatchObject(
      missing,
    );
    await expect(authenticator.authenticate(requestWith())).rejects.toMatchObject({
      headers: { 'WWW-Authenticate': 'Bearer realm="api"' },
    });
  });
});
