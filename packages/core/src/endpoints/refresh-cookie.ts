// The cookie with the refresh token: its name, attributes and values.
// RFC 6265 §4.1; the prefixes: RFC 6265bis §4.1.3

import type { IncomingMessage } from 'node:http';

import { readCookies } from '../lib/cookies.js';
import { checkOptions, refuseOption, requireOneOf } from '../lib/options.js';

/** The option `cookie` of the token endpoints. */
export interface RefreshCookieOptions {
  /**
   * The path to which the browser sends the cookie: that of the mount as the browser sees it, for example `'/auth'`. The
   * name is then `__Secure-refresh_token`. @defaultValue none: `__Host-refresh_token` with `Path=/`, the strictest prefix
   */
  readonly path?: string | undefined;
  /** `'none'` allows pages of other sites; many browsers block such cookies. @defaultValue `'strict'` */
  readonly sameSite?: 'strict' | 'lax' | 'none' | undefined;
}

export interface RefreshCookie {
  /** The `Set-Cookie` value that stores a token for `maxAge` seconds, or until the browser ends. */
  set(token: string, maxAge: number | undefined): string;
  /** The `Set-Cookie` value that removes the cookie. */
  clear(): string;
  /** All values that a request has under the cookie's name. */
  read(request: IncomingMessage): readonly string[];
}

export function createRefreshCookie(options: RefreshCookieOptions = {}): RefreshCookie {
  const { path, sameSite = 'strict' } = checkOptions('cookie', options, ['path', 'sameSite']);
  requireOneOf('cookie.sameSite', sameSite, ['strict', 'lax', 'none']);
  if (path !== undefined && !/^(?:\/[\w.~%!$&'()*+,=:@-]+)+$/.test(path)) {
    refuseOption('cookie.path', `a path like '/auth', without a slash at its end`, path);
  }
  const name = path === undefined ? '__Host-refresh_token' : '__Secure-refresh_token';
  const site = `${sameSite.charAt(0).toUpperCase()}${sameSite.slice(1)}`;
  const attributes = `Path=${path ?? '/'}; HttpOnly; Secure; SameSite=${site}`;
  return {
    set: (token, maxAge) =>
      [`${name}=${token}`, ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]), attributes].join(
        '; ',
      ),
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
    read: (request) => readCookies(request.headers.cookie ?? '', name),
  };
}
