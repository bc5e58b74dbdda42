import { createRefreshCookie } from '../../../packages/core/src/endpoints/refresh-cookie.js';

describe('the refresh cookie', () => {
  test.each([
    [undefined, '__Host-refresh_token=t; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict'],
    [{}, '__Host-refresh_token=t; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict'],
    [
      { sameSite: 'none' },
      '__Host-refresh_token=t; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=None',
    ],
    [
      { path: '/api/auth', sameSite: 'lax' },
      '__Secure-refresh_token=t; Max-Age=60; Path=/api/auth; HttpOnly; Secure; SameSite=Lax',
    ],
  ] as const)('with the options %j is set as the browser is to keep it', (options, text) => {
    expect(createRefreshCookie(options).set('t', 60)).toBe(text);
  });

  test.each([{}, { path: '/auth' }, { sameSite: 'lax' }] as const)(
    'is cleared with the same name and attributes that set it: %j',
    (options) => {
      const cookie = createRefreshCookie(options);
      expect(cookie.clear()).toBe(cookie.set('', 0));
    },
  );

  test.each(['/', 'auth', '/auth/', '', '//', '/a b', '/a;b', '/a?b', '/é', 7])(
    'cannot have the path %p',
    (path) => {
      expect(() => createRefreshCookie({ path: path as string })).toThrow(/^cookie\.path must be/);
    },
  );

  test('refuses an unknown option and names it', () => {
    expect(() => createRefreshCookie({ sameSite: 'Strict' as 'strict' })).toThrow(
      /^cookie\.sameSite must be/,
    );
    // A cookie that scripts can read, or that is sent unencrypted, is not possible.
    expect(() => createRefreshCookie({ httpOnly: false } as object)).toThrow('httpOnly');
    expect(() => createRefreshCookie({ secure: false } as object)).toThrow('secure');
  });
});
