import {
  createRequestAuthenticator,
  guardScopes,
  type AuthenticationOptions,
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

describe('a request authenticator', () => {
  it('remembers the token of each request, and of no other', async () => {
    const { authenticator, request, token } = createAuthenticator();
    const [first, second] = [token(), token({ sub: 'u_2' })].map((one) => request(`Bearer ${one}`));
    expect(authenticator.tokenOf(first as ServerRequest)).toBeUndefined();
    await authenticator.authenticate(first as ServerRequest);
    await authenticator.authenticate(second as ServerRequest);
    expect(authenticator.tokenOf(first as ServerRequest)).toMatchObject({ subject: 'u_1' });
    expect(authenticator.tokenOf(second as ServerRequest)).toMatchObject({ subject: 'u_2' });
    expect(authenticator.tokenOf(request(`Bearer ${token()}`))).toBeUndefined();
  });

  it('verifies a request once, whatever the number of guards', async () => {
    const { authenticator, isRevoked, request, token } = createAuthenticator();
    const guarded = request(`Bearer ${token({ scope: 'a b' })}`);
    await authenticator.authenticate(guarded);
    await authenticator.authenticate(guarded);
    await authenticator.guard(guarded, guardScopes('a'), undefined);
    await authenticator.guard(guarded, guardScopes('b'), undefined);
    expect(isRevoked).toHaveBeenCalledTimes(1);
  });

  it('verifies by itself at a guard', async () => {
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

  it('puts token and context before the guard and waits for it', async () => {
    const { authenticator, request, token } = createAuthenticator();
    const refusal = new Error('later');
    const guard = jest.fn(() => Promise.reject(refusal));
    await expect(authenticator.guard(request(`Bearer ${token()}`), guard, 'context')).rejects.toBe(
      refusal,
    );
    expect(guard).toHaveBeenCalledWith(expect.objectContaining({ subject: 'u_1' }), 'context');
  });

  it('remembers nothing of a request that was refused', async () => {
    const { authenticator, request, token, clock } = createAuthenticator();
    const expired = request(`Bearer ${token({ exp: clock.now() / 1_000 })}`);
    await expect(authenticator.authenticate(expired)).rejects.toMatchObject({
      code: 'token_expired',
    });
    expect(authenticator.tokenOf(expired)).toBeUndefined();
  });
});

describe('optional authentication', () => {
  it.each([undefined, '', 'Basic dXNlcjpwYXNz'])(
    'lets pass a request with the Authorization %p, and it has no token',
    async (authorization) => {
      const { authenticator, request } = createAuthenticator({ optional: true });
      const anonymous = request(authorization);
      await expect(authenticator.authenticate(anonymous)).resolves.toBeUndefined();
      expect(authenticator.tokenOf(anonymous)).toBeUndefined();
    },
  );

  it('still refuses a bad credential', async () => {
    const { authenticator, request, token, clock } = createAuthenticator({ optional: true });
    const expired = token({ exp: clock.now() / 1_000 });
    for (const [authorization, code] of [
      [`Bearer ${expired}`, 'token_expired'],
      ['Bearer abc', 'token_invalid'],
      ['Bearer', 'request_malformed'],
    ] as const) {
      await expect(authenticator.authenticate(request(authorization))).rejects.toMatchObject({
        code,
      });
    }
  });

  it('lets nothing pass when it could not be checked', async () => {
    const { verifier, token } = createTestVerifier({
      isRevoked: () => Promise.reject(new Error()),
    });
    const authenticator = createRequestAuthenticator(verifier, { optional: true });
    await expect(
      authenticator.authenticate({ headers: { authorization: `Bearer ${token()}` } }),
    ).rejects.toMatchObject({ status: 503 });
  });

  it('lets no anonymous request past a guard', async () => {
    const { authenticator, request } = createAuthenticator({ optional: true });
    const anonymous = request();
    await authenticator.authenticate(anonymous);
    await expect(authenticator.guard(anonymous, guardScopes('a'), undefined)).rejects.toMatchObject(
      missing,
    );
  });

  it('still knows who calls with a good token', async () => {
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

  it('passes where that was chosen, at guards too', async () => {
    const { authenticator, request } = createAuthenticator({ preflight: 'pass' });
    const asked = request(undefined, preflight);
    expect(authenticator.authenticate(asked)).toBeUndefined();
    expect(authenticator.guard(asked, guardScopes('a'), undefined)).toBeUndefined();
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
  ])('is none without %s', async (_what, more) => {
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
