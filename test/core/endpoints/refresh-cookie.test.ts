import type { IncomingMessage } from 'node:http';

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
    [{ name: '__Host-rt' }, '__Host-rt=t; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict'],
    [
      { name: 'rt', path: '/auth' },
      'rt=t; Max-Age=60; Path=/auth; HttpOnly; Secure; SameSite=Strict',
    ],
    [
      { domain: 'Example.com', sameSite: 'lax' },
      '__Secure-refresh_token=t; Max-Age=60; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax',
    ],
    [
      { partitioned: true, sameSite: 'none' },
      '__Host-refresh_token=t; Max-Age=60; Path=/; Partitioned; HttpOnly; Secure; SameSite=None',
    ],
  ] as const)('with the options %j is set as the browser is to keep it', (options, text) => {
    expect(createRefreshCookie(options).set('t', 60)).toBe(text);
  });

  test.each([
    {},
    { path: '/auth' },
    { sameSite: 'lax' },
    { name: 'rt', domain: 'example.com' },
    { partitioned: true, sameSite: 'none' },
  ] as const)('is cleared with the same name and attributes that set it: %j', (options) => {
    const cookie = createRefreshCookie(options);
    expect(cookie.clear()).toBe(cookie.set('', 0));
  });

  test.each(['/', 'auth', '/auth/', '', '//', '/a b', '/a;b', '/a?b', '/é', 7])(
    'cannot have the path %p',
    (path) => {
      expect(() => createRefreshCookie({ path: path as string })).toThrow(/^cookie\.path must be/);
    },
  );

  test.each(['', 'a b', 'a=b', 'a;b', 'é', 'x'.repeat(129), 7, null])(
    'cannot have the name %p',
    (name) => {
      expect(() => createRefreshCookie({ name: name as string })).toThrow(/^cookie\.name must be/);
    },
  );

  test.each([
    'com',
    'localhost',
    '.example.com',
    'example.com.',
    '10.0.0.1',
    '[::1]',
    'https://example.com',
    'example.com:8443',
    'exa mple.com',
    'example.com; Secure',
    '-a.com',
    7,
  ])('cannot have the domain %p', (domain) => {
    expect(() => createRefreshCookie({ domain: domain as string })).toThrow(
      /^cookie\.domain must be/,
    );
  });

  test.each([
    { name: '__Host-rt', path: '/auth' },
    { name: '__host-rt', domain: 'example.com' },
  ])('says that a __Host- name is impossible with a path or a domain: %j', (options) => {
    expect(() => createRefreshCookie(options)).toThrow(
      /is impossible .* Begin the name with '__Secure-'/,
    );
    expect(() => createRefreshCookie({ former: [options] })).toThrow(
      /^cookie\.former\[0\]\.name .* is impossible/,
    );
  });

  test('is partitioned only where a page inside another site can have it', () => {
    expect(() => createRefreshCookie({ partitioned: true })).toThrow(
      /needs cookie\.sameSite 'none'/,
    );
    expect(() => createRefreshCookie({ partitioned: 1 as never, sameSite: 'none' })).toThrow(
      /^cookie\.partitioned must be/,
    );
  });

  test.each([
    [[{}], {}],
    [[{ path: '/a' }, { name: '__Host-refresh_token' }], {}],
    [[{ path: '/auth' }], { path: '/auth', sameSite: 'lax' }],
  ] as const)('is not a former cookie itself: %j', (former, options) => {
    expect(() => createRefreshCookie({ ...options, former })).toThrow(
      /^cookie\.former\[\d\] is the present cookie/,
    );
  });

  test.each([
    [{ sameSite: 'lax' }, 'sameSite'],
    [{ maxAge: 1 }, 'maxAge'],
    ['rt', 'former[0]'],
  ])('has no former cookie like %j', (one, named) => {
    expect(() => createRefreshCookie({ former: [one as object] })).toThrow(named);
    expect(() => createRefreshCookie({ former: one as never })).toThrow(/^cookie\.former must be/);
  });

  test('is removed by its domain, as a former cookie too', () => {
    const cookie = createRefreshCookie({
      former: [{ domain: 'example.com' }, { partitioned: true }],
    });
    const request = { headers: { cookie: '__Secure-refresh_token=x' } } as IncomingMessage;
    expect(cookie.clearFormer(request)).toEqual([
      '__Secure-refresh_token=; Max-Age=0; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=None',
    ]);
    expect(cookie.read(request)).toEqual(['x']);
  });

  test('refuses an unknown option and names it', () => {
    expect(() => createRefreshCookie({ sameSite: 'Strict' as 'strict' })).toThrow(
      /^cookie\.sameSite must be/,
    );
    // A cookie that scripts can read, or that is sent unencrypted, is not possible.
    expect(() => createRefreshCookie({ httpOnly: false } as object)).toThrow('httpOnly');
    expect(() => createRefreshCookie({ secure: false } as object)).toThrow('secure');
  });
});
