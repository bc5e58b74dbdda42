// The cookie with the refresh token: its name, attributes and values, and the cookies of former releases.
// RFC 6265 §4.1; the prefixes: RFC 6265bis §4.1.3; Partitioned: CHIPS

import type { IncomingMessage } from 'node:http';

import { readCookies } from '../lib/cookies.js';
import { checkOptions, refuseOption, requireOneOf } from '../lib/options.js';

/** What tells two cookies of a browser apart. */
export interface RefreshCookieIdentity {
  /**
   * Letters, digits and ``!#$%&'*+-.^_`|~``, at most 128. Give it a prefix: browsers let no other host set a cookie whose name begins
   * with `__Host-`, and no page over plain http one with `__Secure-`. A `__Host-` name is impossible with `path` or `domain`.
   * @defaultValue `'__Host-refresh_token'`; with `path` or `domain` `'__Secure-refresh_token'`
   */
  readonly name?: string | undefined;
  /**
   * The path to which the browser sends the cookie: that of the mount as the browser sees it, for example `'/auth'`.
   * @defaultValue none: `Path=/`
   */
  readonly path?: string | undefined;
  /**
   * A domain of this server, for example `'example.com'`: the browser sends the cookie to all its hosts, and each of them can read
   * and replace it. Only for servers that share the endpoints under several host names. @defaultValue none: this host only
   */
  readonly domain?: string | undefined;
  /**
   * Whether each site that embeds the page gets a separate cookie (CHIPS). Only with `sameSite: 'none'`. @defaultValue false
   */
  readonly partitioned?: boolean | undefined;
}

/** The option `cookie` of the token endpoints. */
export interface RefreshCookieOptions extends RefreshCookieIdentity {
  /** `'none'` allows pages of other sites; many browsers block such cookies. @defaultValue `'strict'` */
  readonly sameSite?: 'strict' | 'lax' | 'none' | undefined;
  /**
   * The cookies of former releases, as these options were then: `[{}]` for the defaults, `[{ path: '/auth' }]`. They are
   * accepted, and removed when an answer sets the cookie. Of two live sessions, that of the present name counts.
   *
   * As long as an entry is here, a host of the domain that can set its cookie can sign in a visitor who has no session: every
   * https host can, unless the name begins with `__Host-`. Keep an entry for the idle lifetime of sessions. A browser sends a
   * cookie only below its path: after a change of the mount, mount the endpoints at the former path too. @defaultValue none
   */
  readonly former?: readonly RefreshCookieIdentity[] | undefined;
}

export interface RefreshCookie {
  /** The `Set-Cookie` value that stores a token for `maxAge` seconds, or until the browser ends. */
  set(token: string, maxAge: number | undefined): string;
  /** The `Set-Cookie` value that removes the cookie. */
  clear(): string;
  /** The `Set-Cookie` values that remove the former cookies, as far as a request has cookies of their names. */
  clearFormer(request: IncomingMessage): readonly string[];
  /** The `Set-Cookie` values that remove every cookie, also a former one, of whose name all values are like this. */
  clearWhere(request: IncomingMessage, isGone: (value: string) => boolean): readonly string[];
  /** All values that a request has under the cookie's name, then those under former names; none twice. */
  read(request: IncomingMessage): readonly string[];
  /** The values under the cookie's name only. A former cookie of the same name cannot be told apart. */
  readPresent(request: IncomingMessage): readonly string[];
}

const identityNames = ['name', 'path', 'domain', 'partitioned'];

/** A cookie as the browser keeps it. */
interface StoredCookie {
  readonly name: string;
  /** The attributes that tell it apart from others of the name. */
  readonly place: string;
  readonly attributes: string;
}

export function createRefreshCookie(options: RefreshCookieOptions = {}): RefreshCookie {
  const { sameSite = 'strict', former = [] } = checkOptions('cookie', options, [
    ...identityNames,
    'sameSite',
    'former',
  ]);
  requireOneOf('cookie.sameSite', sameSite, ['strict', 'lax', 'none']);
  const current = toStoredCookie('cookie', options, sameSite);
  const others = readFormer(former, current);
  const names = [...new Set([current, ...others].map(({ name }) => name))];
  return {
    set: (token, maxAge) =>
      [
        `${current.name}=${token}`,
        ...(maxAge === undefined ? [] : [`Max-Age=${maxAge}`]),
        current.attributes,
      ].join('; '),
    clear: () => clear(current),
    clearFormer: (request) =>
      others.filter(({ name }) => valuesOf(request, name).length > 0).map(clear),
    clearWhere: (request, isGone) =>
      [current, ...others]
        .filter(({ name }) => {
          const values = valuesOf(request, name);
          return values.length > 0 && values.every(isGone);
        })
        .map(clear),
    read: (request) => [...new Set(names.flatMap((name) => valuesOf(request, name)))],
    readPresent: (request) => [...new Set(valuesOf(request, current.name))],
  };
}

function valuesOf({ headers }: IncomingMessage, name: string): readonly string[] {
  return readCookies(headers.cookie ?? '', name);
}

function clear({ name, attributes }: StoredCookie): string {
  return `${name}=; Max-Age=0; ${attributes}`;
}

function toStoredCookie(
  where: string,
  { name, path, domain, partitioned = false }: RefreshCookieIdentity,
  sameSite: 'strict' | 'lax' | 'none',
): StoredCookie {
  if (path !== undefined && !/^(?:\/[\w.~%!$&'()*+,=:@-]+)+$/.test(path)) {
    refuseOption(`${where}.path`, `a path like '/auth', without a slash at its end`, path);
  }
  if (domain !== undefined && !isDomain(domain)) {
    refuseOption(`${where}.domain`, `a domain like 'example.com', without a dot before it`, domain);
  }
  if (typeof partitioned !== 'boolean') {
    refuseOption(`${where}.partitioned`, 'true or false', partitioned);
  }
  if (partitioned && sameSite !== 'none') {
    throw new TypeError(
      `${where}.partitioned needs ${where}.sameSite 'none': browsers send no other cookie to a page inside another site`,
    );
  }
  const isHostOnly = path === undefined && domain === undefined;
  const usual = isHostOnly ? '__Host-refresh_token' : '__Secure-refresh_token';
  const named = readName(where, name === undefined ? usual : name, isHostOnly);
  const place = [
    `Path=${path ?? '/'}`,
    ...(domain === undefined ? [] : [`Domain=${domain.toLowerCase()}`]),
    ...(partitioned ? ['Partitioned'] : []),
  ].join('; ');
  const site = `${sameSite.charAt(0).toUpperCase()}${sameSite.slice(1)}`;
  return { name: named, place, attributes: `${place}; HttpOnly; Secure; SameSite=${site}` };
}

function readName(where: string, name: unknown, isHostOnly: boolean): string {
  requireCookieName(`${where}.name`, name);
  // Browsers compare the prefix without regard to case.
  if (/^__host-/i.test(name) && !isHostOnly) {
    throw new TypeError(
      `${where}.name '${name}' is impossible with ${where}.path or ${where}.domain: browsers refuse a __Host- cookie that has one. ` +
        `Begin the name with '__Secure-', or leave path and domain out`,
    );
  }
  return name;
}

/** @throws TypeError naming the option, unless the value is a name that browsers accept. */
export function requireCookieName(option: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]{1,128}$/.test(name)) {
    refuseOption(option, `a cookie name like '__Host-session'`, name);
  }
}

function isDomain(domain: unknown): domain is string {
  const label = '[a-z\\d](?:[a-z\\d-]{0,61}[a-z\\d])?';
  // The last label has a letter, so that it is no IP address.
  const isName =
    typeof domain === 'string' &&
    new RegExp(`^(?:${label}\\.)+(?=.*[a-z])${label}$`, 'i').test(domain);
  return isName && !/\.\d+$/.test(domain);
}

function readFormer(former: unknown, current: StoredCookie): readonly StoredCookie[] {
  if (!Array.isArray(former)) {
    return refuseOption('cookie.former', 'an array of former cookies', former);
  }
  return former.map((one: RefreshCookieIdentity, place) => {
    const where = `cookie.former[${place}]`;
    const checked = checkOptions(where, one, identityNames);
    // To remove a cookie, `SameSite` need not be what it was; and a page inside another site can remove its own.
    const cookie = toStoredCookie(where, checked, 'none');
    if (cookie.name === current.name && cookie.place === current.place) {
      throw new TypeError(
        `${where} is the present cookie: name what differs in it, or remove the entry`,
      );
    }
    return cookie;
  });
}
