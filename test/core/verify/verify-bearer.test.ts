import { inspect } from 'node:util';

import {
  SessionRevokedError,
  TemporarilyUnavailableError,
  verifyBearer,
  type TokenVerifierOptions,
} from '@tokenpair/core';

import { createTestVerifier } from '../../support/verifier.js';

type IsRevoked = NonNullable<TokenVerifierOptions['isRevoked']>;

const unavailable = { code: 'temporarily_unavailable', status: 503, action: 'retry' };

describe('verifyBearer', () => {
  it('returns subject, session, scopes, claims and expiry', async () => {
    const { clock, token, verify, claims } = createTestVerifier();
    const verified = await verify(token({ scope: 'a b', role: 'admin' }));
    expect(verified).toMatchObject({
      subject: 'u_1',
      sessionId: 'sid-1',
      expiresAt: clock.now() / 1_000 + 300,
      claims: { ...claims(), scope: 'a b', role: 'admin' },
    });
    expect([...verified.scopes]).toEqual(['a', 'b']);
  });

  it('names its realm in the challenge of every refusal that has one', async () => {
    const { verifier, token, clock } = createTestVerifier({ realm: 'orders api' });
    const challengeTo = async (source: string | null) => {
      const error = await verifyBearer(verifier, source).catch((reason: unknown) => reason);
      return (error as { headers: Record<string, string> }).headers['WWW-Authenticate'];
    };
    expect(await challengeTo(null)).toBe('Bearer realm="orders api"');
    expect(await challengeTo('Bearer a b')).toMatch(
      /^Bearer realm="orders api", error="invalid_request"/,
    );
    expect(await challengeTo('Bearer abc')).toMatch(
      /^Bearer realm="orders api", error="invalid_token"/,
    );
    const expired = token({ exp: clock.now() / 1_000 });
    expect(await challengeTo(`Bearer ${expired}`)).toMatch(
      /^Bearer realm="orders api", error="invalid_token"/,
    );
  });

  it('repeats nothing from the token in any error', async () => {
    const { token, verify, clock } = createTestVerifier();
    for (const bad of [
      token({ exp: clock.now() / 1_000, sub: 'marked' }),
      token({ aud: 'marked"\r\nX: y' }),
      token({}, { header: { alg: 'marked' } }),
      token({}, { header: { alg: 'HS256', typ: 'at+jwt', kid: 'marked' } }),
    ]) {
      const error = (await verify(bad).catch((reason: unknown) => reason)) as Error;
      const shown = [JSON.stringify(error), inspect(error, { depth: 9 }), error.message].join();
      expect(shown).not.toContain('marked');
      expect(shown).not.toContain(bad);
      for (const segment of bad.split('.')) expect(shown).not.toContain(segment);
    }
  });

  it('checks a token again at every request', async () => {
    const { clock, token, verify } = createTestVerifier();
    const short = token({ exp: clock.now() / 1_000 + 10 });
    await verify(short);
    clock.advance(10);
    await expect(verify(short)).rejects.toMatchObject({ code: 'token_expired' });
    clock.advance(-10);
    await expect(verify(short)).resolves.toMatchObject({ subject: 'u_1' });
  });
});

function withHook(isRevoked: (...args: Parameters<IsRevoked>) => unknown) {
  return createTestVerifier({ isRevoked: isRevoked as IsRevoked, deadline: 1 });
}

describe('isRevoked', () => {
  it('is called last, and only for a token that passed all other checks', async () => {
    const isRevoked = jest.fn(() => true);
    const { clock, token, verify } = withHook(isRevoked);
    const now = clock.now() / 1_000;
    for (const changes of [
      { exp: now },
      { nbf: now + 9 },
      { aud: 'x' },
      { sub: '' },
      { cnf: {} },
    ]) {
      await expect(verify(token(changes))).rejects.not.toMatchObject({ code: 'session_revoked' });
    }
    await expect(verify(`${token()}A`)).rejects.toMatchObject({ code: 'token_invalid' });
    expect(isRevoked).not.toHaveBeenCalled();
  });

  it('receives the verified token', async () => {
    const isRevoked = jest.fn(() => false);
    const { token, verify } = withHook(isRevoked);
    const verified = await verify(token());
    expect(isRevoked).toHaveBeenCalledTimes(1);
    expect(isRevoked).toHaveBeenCalledWith(verified);
    expect(verified.claims.jti).toBe('jti-1');
  });

  it.each<[string, () => unknown]>([
    ['at once', () => true],
    ['later', () => Promise.resolve(true)],
  ])('refuses the token when it answers true %s', async (_when, isRevoked) => {
    const { token, verify, events } = withHook(isRevoked);
    const verdict = verify(token());
    await expect(verdict).rejects.toBeInstanceOf(SessionRevokedError);
    await expect(verdict).rejects.toMatchObject({
      code: 'session_revoked',
      status: 401,
      error: 'invalid_token',
      action: 'login',
      check: 'revoked',
    });
    expect(events).toMatchObject([
      {
        type: 'verification.refused',
        code: 'session_revoked',
        check: 'revoked',
        subject: 'u_1',
        sessionId: 'sid-1',
      },
    ]);
  });

  it.each<[string, () => unknown]>([
    ['at once', () => false],
    ['later', () => Promise.resolve(false)],
  ])('accepts the token when it answers false %s', async (_when, isRevoked) => {
    const { token, verify, events } = withHook(isRevoked);
    await expect(verify(token())).resolves.toMatchObject({ subject: 'u_1' });
    expect(events).toEqual([]);
  });

  it('is called at every request', async () => {
    let revoked = false;
    const { token, verify } = withHook(() => revoked);
    const good = token();
    await verify(good);
    revoked = true;
    await expect(verify(good)).rejects.toMatchObject({ code: 'session_revoked' });
  });

  it.each<[string, (cause: Error) => unknown]>([
    [
      'throws',
      (cause) => {
        throw cause;
      },
    ],
    ['rejects', (cause) => Promise.reject(cause)],
  ])('causes 503 when it %s, neither accepting nor refusing the token', async (_how, fail) => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.7:6379');
    const { token, verify, events } = withHook(() => fail(cause));
    const error = (await verify(token()).catch((reason: unknown) => reason)) as Error;
    expect(error).toBeInstanceOf(TemporarilyUnavailableError);
    expect(error).toMatchObject({
      ...unavailable,
      cause,
      headers: { 'Retry-After': '2', 'Cache-Control': 'no-store' },
    });
    expect(error).not.toHaveProperty(['headers', 'WWW-Authenticate']);
    expect(`${error.message}${JSON.stringify(error)}`).not.toContain('ECONNREFUSED');
    expect(events).toMatchObject([{ type: 'hook.failed', hook: 'isRevoked', cause }]);
  });

  it.each<[unknown]>([[undefined], [null], [0], [1], [''], ['false'], [{}], [[]]])(
    'causes 503 when it returns %p',
    async (answer) => {
      for (const isRevoked of [() => answer, () => Promise.resolve(answer)]) {
        const { token, verify, events } = withHook(isRevoked);
        await expect(verify(token())).rejects.toMatchObject({
          ...unavailable,
          cause: expect.any(TypeError),
        });
        expect(events).toMatchObject([{ type: 'hook.failed', hook: 'isRevoked' }]);
      }
    },
  );

  it('causes 503 when it hangs, even if it answers later', async () => {
    jest.useFakeTimers();
    try {
      let answer!: (revoked: boolean) => void;
      const { token, verify } = withHook(
        () => new Promise<boolean>((resolve) => (answer = resolve)),
      );
      const verdict = verify(token()).catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(1_000);
      answer(false);
      expect(await verdict).toMatchObject(unavailable);
    } finally {
      jest.useRealTimers();
    }
  });

  it('leaves no timer when it answers in time', async () => {
    jest.useFakeTimers();
    try {
      const { token, verify } = withHook(() => Promise.resolve(false));
      await verify(token());
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('may refuse with an AuthError', async () => {
    const refusal = new SessionRevokedError({ realm: 'elsewhere' });
    const { token, verify, events } = withHook(() => Promise.reject(refusal));
    await expect(verify(token())).rejects.toBe(refusal);
    expect(events).toMatchObject([{ type: 'verification.refused', code: 'session_revoked' }]);
  });
});

function only(event: object) {
  return [{ type: 'verification.refused', time: expect.any(Number), ...event }];
}

describe('verification.refused', () => {
  it('names code and check, but no subject before the signature is verified', async () => {
    const { token, verify, events } = createTestVerifier();
    const [header, payload] = token({ sub: 'victim', sid: 'theirs' }).split('.');
    await verify(`${header}.${payload}.AAAA`).catch(() => {});
    expect(events).toEqual(only({ code: 'token_invalid', check: 'signature' }));
  });

  it('names subject and session once the signature is verified', async () => {
    const { clock, token, verify, events } = createTestVerifier();
    await verify(token({ exp: clock.now() / 1_000 })).catch(() => {});
    expect(events).toEqual(
      only({ code: 'token_expired', check: 'exp', subject: 'u_1', sessionId: 'sid-1' }),
    );
  });

  it('omits an invalid subject and a missing session', async () => {
    const { token, verify, events } = createTestVerifier();
    await verify(token({ sub: 1, sid: undefined })).catch(() => {});
    expect(events).toEqual(only({ code: 'token_invalid', check: 'sub' }));
  });

  it('has no check when the request has no readable token', async () => {
    const { verifier, events } = createTestVerifier();
    await verifyBearer(verifier, 'Bearer a b').catch(() => {});
    expect(events).toEqual(only({ code: 'request_malformed' }));
  });

  it('is not emitted for a request without a credential or with a valid one', async () => {
    const { verifier, token, verify, events } = createTestVerifier();
    await verifyBearer(verifier, null).catch(() => {});
    await verifyBearer(verifier, 'Basic dXNlcjpwYXNz').catch(() => {});
    await verify(token());
    expect(events).toEqual([]);
  });

  it('never contains a token', async () => {
    const { clock, token, verify, events } = createTestVerifier();
    const tokens = [
      token({ exp: clock.now() / 1_000 }),
      token({ aud: 'x' }),
      token({}, { header: { alg: 'none' } }),
      `${token()}A`,
    ];
    for (const bad of tokens) await verify(bad).catch(() => {});
    expect(events).toHaveLength(tokens.length);
    const told = inspect(events, { depth: 9 });
    for (const segment of tokens.flatMap((bad) => bad.split('.'))) {
      expect(told).not.toContain(segment);
    }
  });
});
