// On the login, refresh and logout journeys in a browser: one description of the cookie sets it, reads it and clears it.
// RFC 6265 §4.1; the prefixes: RFC 6265bis §4.1.3

import type { IncomingMessage } from 'node:http';

import { readCookies } from '../lib/cookies.js';
import { checkOptions, refuseOption, requireOneOf } from '../lib/options.js';

export interface RefreshCookieOptions {
  /**
   * Where the browser sends the cookie: the path of the mount as the browser sees it, `'/auth'` say. The name is then
   * `__Secure-refresh_token`. @defaultValue none: `__Host-refresh_token` with `Path=/`, the strictest prefix
   */
  readonly path?: string | undefined;
  /** `'none'` for pages of other sites, which many browsers keep cookies from. @defaultValue `'strict'` */
  readonly sameSite?: 'strict' | 'lax' | 'none' | undefined;
}

export interface RefreshCookie {
  /** The `Set-Cookie` value that hands a token to the browser for so many seconds. */
  set(token: string, maxAge: number): string;
  /** The `Set-Cookie` value that takes it away. */
  clear(): string;
  /** Every value that the request has under the cookie's name. */
  read(request: IncomingMessage): readonly string[];
}

/** Checks the option `cookie`. */
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
    set: (token, maxAge) => `${name}=${token}; Max-Age=${maxAge}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
    read: (request) => readCookies(request.headers.cookie ?? '', name),
  };
}
