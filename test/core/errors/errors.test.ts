import { inspect } from 'node:util';

import {
  AccessDeniedError,
  AuthError,
  ClaimRefusedError,
  ClaimsStaleError,
  InsufficientScopeError,
  InvalidRefreshTokenError,
  InvalidRequestError,
  InvalidTokenError,
  isAuthError,
  MissingRefreshTokenError,
  MissingTokenError,
  ScopeNotGrantedError,
  SessionLimitError,
  SessionRevokedError,
  StoreFullError,
  StoreUnavailableError,
  TemporarilyUnavailableError,
  TokenPairMismatchError,
  TokenTooLargeError,
  type AuthErrorCode,
} from '@tokenpair/core';
import type * as Core from '@tokenpair/core';

import { createTestVerifier } from '../../support/verifier.js';

const space = { realm: 'api' };

/** One error of each class and, where a class has several, of each code. */
const everyError: [string, () => AuthError][] = [
  ['MissingTokenError', () => new MissingTokenError(space)],
  ['InvalidRequestError', () => new InvalidRequestError()],
  ['InvalidTokenError', () => new InvalidTokenError('token_expired', 'exp', space)],
  ['SessionRevokedError', () => new SessionRevokedError(space)],
  ['InsufficientScopeError', () => new InsufficientScopeError('a b', space)],
  ['ClaimRefusedError', () => new ClaimRefusedError(space)],
  ['MissingRefreshTokenError', () => new MissingRefreshTokenError(space)],
  ['InvalidRefreshTokenError', () => new InvalidRefreshTokenError(space)],
  ['TokenPairMismatchError', () => new TokenPairMismatchError(space)],
  ['ScopeNotGrantedError', () => new ScopeNotGrantedError()],
  ['AccessDeniedError', () => new AccessDeniedError()],
  ['SessionLimitError', () => new SessionLimitError()],
  ['TokenTooLargeError', () => new TokenTooLargeError()],
  ['TemporarilyUnavailableError', () => new TemporarilyUnavailableError()],
  ['StoreUnavailableError', () => new StoreUnavailableError({ cause: new Error('down') })],
  ['StoreFullError', () => new StoreFullError()],
];

describe('the stack of an error', () => {
  const kinds = everyError.map(([name, make]) => [name, make().status, make] as const);

  it.each(kinds.filter(([, status]) => status === 401))(
    'has no frames for %s (%i), which anonymous clients cause',
    (name, _status, make) => {
      const error = make();
      expect(error.stack).toBe(`${name}: ${error.message}`);
    },
  );

  it.each(kinds.filter(([, status]) => status !== 401))(
    'has frames for %s (%i)',
    (_name, _status, make) => {
      expect(make().stack).toMatch(/\n {4}at /);
    },
  );

  it('keeps the frames of what went wrong underneath', () => {
    const cause = new Error('down');
    expect(new StoreUnavailableError({ cause }).cause).toBe(cause);
    expect(cause.stack).toMatch(/\n {4}at /);
  });

  it('leaves the number of frames of other errors as the application has set it', () => {
    const before = Error.stackTraceLimit;
    try {
      Error.stackTraceLimit = 3;
      expect(new MissingTokenError(space).stack).not.toContain(' at ');
      expect(Error.stackTraceLimit).toBe(3);
    } finally {
      Error.stackTraceLimit = before;
    }
  });

  it('is no reason to fail where the application has frozen what is built in', () => {
    const { value, ...descriptor } =
      Reflect.getOwnPropertyDescriptor(Error, 'stackTraceLimit') ?? {};
    Object.defineProperty(Error, 'stackTraceLimit', { ...descriptor, value, writable: false });
    try {
      expect(new MissingTokenError(space)).toMatchObject({ code: 'token_missing' });
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', { ...descriptor, value });
    }
  });
});

describe('an error by its class', () => {
  it.each<[AuthErrorCode, AuthError]>([
    ['token_missing', new MissingTokenError(space)],
    ['request_malformed', new InvalidRequestError()],
    [
      'method_not_allowed',
      new InvalidRequestError('method_not_allowed', { headers: { Allow: 'POST' } }),
    ],
    ['request_timeout', new InvalidRequestError('request_timeout')],
    ['request_too_large', new InvalidRequestError('request_too_large')],
    ['media_type_unsupported', new InvalidRequestError('media_type_unsupported')],
    ['token_expired', new InvalidTokenError('token_expired', 'exp', space)],
    ['token_not_active', new InvalidTokenError('token_not_active', 'nbf', space)],
    ['token_invalid', new InvalidTokenError('token_invalid', 'signature', space)],
    ['token_key_unknown', new InvalidTokenError('token_key_unknown', 'key', space)],
    ['claims_stale', new ClaimsStaleError(space)],
    ['session_revoked', new SessionRevokedError(space)],
    ['scope_insufficient', new InsufficientScopeError('a', space)],
    ['claim_refused', new ClaimRefusedError(space)],
    ['refresh_token_missing', new MissingRefreshTokenError(space)],
    ['refresh_token_invalid', new InvalidRefreshTokenError(space)],
    ['token_pair_mismatch', new TokenPairMismatchError(space)],
    ['scope_not_granted', new ScopeNotGrantedError()],
    ['access_denied', new AccessDeniedError()],
    ['session_limit', new SessionLimitError()],
    ['temporarily_unavailable', new TemporarilyUnavailableError()],
    ['temporarily_unavailable', new StoreUnavailableError()],
    ['store_full', new StoreFullError()],
  ])('has the code %s', (code, error) => {
    expect(error.code).toBe(code);
    expect(error).toBeInstanceOf(AuthError);
    expect(isAuthError(error)).toBe(true);
  });

  it.each(everyError)('%s bears its own name', (name, create) => {
    const error = create();
    expect(error.name).toBe(name);
    expect(String(error)).toBe(`${name}: ${error.message}`);
    expect(error.stack).toContain(name);
  });

  it('has the exact check, where a token was looked at', () => {
    expect(new InvalidTokenError('token_invalid', 'aud', space).check).toBe('aud');
    expect(new SessionRevokedError(space).check).toBe('revoked');
  });

  it('cannot have its headers changed', () => {
    const { headers } = new MissingTokenError(space);
    expect(() => Object.assign(headers, { 'X-Other': '1' })).toThrow(TypeError);
  });

  it('has a cause when it was given one, and no empty one otherwise', () => {
    const cause = new Error('down');
    expect(new TemporarilyUnavailableError({ cause }).cause).toBe(cause);
    expect('cause' in new TemporarilyUnavailableError()).toBe(false);
  });

  it('asks to close the connection when the rest of a request will not be read', () => {
    const error = new InvalidRequestError('request_too_large', {
      headers: { Connection: 'close' },
    });
    expect(error.headers).toEqual({ 'Cache-Control': 'no-store', Connection: 'close' });
  });
});

describe('instanceof', () => {
  let other: typeof Core;

  beforeAll(async () => {
    await jest.isolateModulesAsync(async () => {
      other = await import('@tokenpair/core');
    });
  });

  it('is asked of two copies of the package here', () => {
    expect(other.AuthError).not.toBe(AuthError);
    expect(Object.getPrototypeOf(new other.MissingTokenError(space))).not.toBe(
      MissingTokenError.prototype,
    );
  });

  it('tells classes of one copy apart only; isAuthError and the code know an error of any copy', () => {
    const theirs = new other.StoreUnavailableError();
    expect(theirs instanceof StoreUnavailableError).toBe(false);
    expect(theirs instanceof Error).toBe(true);
    expect(isAuthError(theirs)).toBe(true);
    expect(other.isAuthError(new StoreUnavailableError())).toBe(true);
    expect(theirs.code).toBe('temporarily_unavailable');
  });

  it.each(everyError)('knows %s from every other class', (name, create) => {
    const error = create();
    const classes = [
      MissingTokenError,
      InvalidRequestError,
      InvalidTokenError,
      SessionRevokedError,
      InsufficientScopeError,
      ClaimRefusedError,
      ClaimsStaleError,
      MissingRefreshTokenError,
      InvalidRefreshTokenError,
      TokenPairMismatchError,
      ScopeNotGrantedError,
      AccessDeniedError,
      SessionLimitError,
      TokenTooLargeError,
    ];
    const own = classes.filter((errorClass) => error instanceof errorClass);
    const isUnavailable = /Unavailable|StoreFull/.test(name);
    expect(own.map((errorClass) => errorClass.name)).toEqual(isUnavailable ? [] : [name]);
    expect(error instanceof TemporarilyUnavailableError).toBe(isUnavailable);
  });

  it.each<[unknown]>([
    [undefined],
    [null],
    ['token_missing'],
    [401],
    [{}],
    [[]],
    [() => 1],
    [new Error('token_missing')],
    [Object.assign(new Error('x'), { name: 'AuthError', code: 'token_missing', status: 401 })],
    [Object.create(null)],
    [Object.create(new MissingTokenError(space))],
    [{ [Symbol.for('other.AuthError')]: true }],
  ])('does not take %p for an error of tokenpair', (value) => {
    expect(isAuthError(value)).toBe(false);
  });

  it('knows the errors that an application derives from ours', () => {
    class BannedError extends InvalidTokenError {
      readonly until = 'tomorrow';
      constructor() {
        super('token_invalid', 'sub', space);
      }
    }
    class PermanentlyBannedError extends BannedError {}
    const error = new PermanentlyBannedError();
    for (const family of [PermanentlyBannedError, BannedError, InvalidTokenError, AuthError]) {
      expect(error instanceof family).toBe(true);
    }
    expect(new InvalidTokenError('token_invalid', 'sub', space) instanceof BannedError).toBe(false);
    expect(new BannedError() instanceof PermanentlyBannedError).toBe(false);
    expect(error instanceof MissingTokenError).toBe(false);
    expect(isAuthError(error)).toBe(true);
  });

  it('knows an application’s errors that bear a name of their own', () => {
    class FieldNamed extends MissingTokenError {
      override readonly name = 'FieldNamed';
    }
    class PrototypeNamed extends MissingTokenError {
      static {
        Object.defineProperty(this.prototype, 'name', { value: 'PrototypeNamed' });
      }
    }
    for (const errorClass of [FieldNamed, PrototypeNamed]) {
      const error = new errorClass(space);
      expect(error.name).toBe(errorClass.name);
      expect(error instanceof errorClass).toBe(true);
      expect(error instanceof MissingTokenError).toBe(true);
      expect(error instanceof AuthError).toBe(true);
      expect(new MissingTokenError(space) instanceof errorClass).toBe(false);
    }
  });

  it('knows an application’s errors that set their name in the constructor, as many do', () => {
    class ConstructorNamed extends MissingTokenError {
      constructor() {
        super(space);
        this.name = 'ConstructorNamed';
      }
    }
    const error = new ConstructorNamed();
    expect(error.name).toBe('ConstructorNamed');
    expect(error instanceof ConstructorNamed).toBe(true);
    expect(error instanceof MissingTokenError).toBe(true);
  });
});

describe('an error as text', () => {
  it.each(everyError)('%s says in JSON what a program needs, and nothing else', (_name, create) => {
    const error = create();
    const { code, status, action, headers } = error;
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code, status, action, headers });
    expect(Object.keys(error)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(cause|message|stack|token|claims)$/)]),
    );
  });

  it('has no token, no claim and no secret', async () => {
    const { secret, token, verify, verifier } = createTestVerifier({
      isRevoked: () => Promise.reject(new Error('down')),
    });
    const shown = [inspect(verifier, { depth: 9 }), JSON.stringify(verifier)];
    const tokens = [
      token({ role: 'marked' }),
      token({ sub: 'marked', aud: 'marked' }),
      `${token({ sub: 'marked' })}A`,
      token({}, { header: { alg: 'HS256', typ: 'at+jwt', kid: 'marked' } }),
    ];
    for (const text of tokens) {
      const error = await verify(text).catch((reason: unknown) => reason);
      expect(isAuthError(error)).toBe(true);
      shown.push(inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error));
    }
    const all = shown.join('\n');
    expect(all).not.toContain('marked');
    const parts = tokens.flatMap((text) => text.split('.'));
    const secrets = (['hex', 'base64', 'base64url', 'latin1'] as const).map((encoding) =>
      Buffer.from(secret).toString(encoding),
    );
    for (const part of [...parts, ...secrets]) expect(all).not.toContain(part);
  });
});
