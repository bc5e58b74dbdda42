// The two cookies of pages: one with the access token, one with the refresh token. RFC 6265 §4.1

import type { IncomingMessage } from 'node:http';

import { createRefreshCookie, requireCookieName } from '../endpoints/refresh-cookie.js';
import { InvalidRequestError } from '../errors/errors.js';
import type { TokenPair } from '../issue/token-pair.js';
import { readCookies } from '../lib/cookies.js';
import { checkOptions } from '../lib/options.js';

/** The option `cookies`. Browsers let no other host set a cookie whose name begins with `__Host-`. */
export interface PageCookieNames {
  readonly access?: string | undefined;
  readonly refresh?: string | undefined;
}

export interface CheckedCookieNames {
  readonly access: string;
  readonly refresh: string;
}

/** Maximum characters of an access token in the cookie. Browsers drop a cookie of more than 4 096 bytes, and say nothing. */
export const maxAccessToken = 3_800;

/** What a request has in the two cookies. An empty cookie counts as none. */
export interface PageCookies {
  readonly access: string | undefined;
  readonly refresh: string | undefined;
}

export interface CookieJar {
  /** Whether a request has one of the cookies, also an empty or a doubled one. */
  has(request: IncomingMessage): boolean;
  /** @throws {@link InvalidRequestError} (400) a cookie comes twice, so one of the two is not this server's own. */
  read(request: IncomingMessage): PageCookies;
  /**
   * The `Set-Cookie` lines that store a pair. Without a new refresh token only the access token: a copy of the token that the
   * browser has could arrive after a newer one, and replace it.
   *
   * Both last as long as the refresh token: the server checks when an access token ends, not the clock of the browser.
   */
  store(pair: TokenPair): readonly string[];
  /** The `Set-Cookie` lines that remove both. */
  clear(): readonly string[];
}

/** @throws TypeError naming the option that is wrong. */
export function readCookieNames(names: PageCookieNames = {}): CheckedCookieNames {
  const { access = '__Host-page_access', refresh = '__Host-page_refresh' } = checkOptions(
    'cookies',
    names,
    ['access', 'refresh'],
  );
  requireCookieName('cookies.access', access);
  requireCookieName('cookies.refresh', refresh);
  if (access === refresh) throw new TypeError('cookies.access and cookies.refresh must differ');
  return { access, refresh };
}

export function createCookieJar(names: CheckedCookieNames): CookieJar {
  // `Strict` would show the sign-in page after the first click in a mail.
  const access = createRefreshCookie({ name: names.access, sameSite: 'lax' });
  const refresh = createRefreshCookie({ name: names.refresh, sameSite: 'lax' });
  return {
    has: (request) =>
      [names.access, names.refresh].some((name) => valuesOf(request, name).length > 0),
    read: (request) => ({
      access: onlyValue(valuesOf(request, names.access)),
      refresh: onlyValue(valuesOf(request, names.refresh)),
    }),
    store(pair) {
      const maxAge = pair.persistent ? pair.refreshExpiresIn : undefined;
      return [
        ...(pair.refreshTokenChanged ? [refresh.set(pair.refreshToken, maxAge)] : []),
        access.set(pair.accessToken, maxAge),
      ];
    },
    clear: () => [access.clear(), refresh.clear()],
  };
}

function valuesOf({ headers }: IncomingMessage, name: string): readonly string[] {
  return readCookies(headers.cookie ?? '', name);
}

function onlyValue(values: readonly string[]): string | undefined {
  const [value, ...others] = values;
  if (others.length > 0) throw new InvalidRequestError();
  return value === '' ? undefined : value;
}
