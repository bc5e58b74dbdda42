// On the guard, refresh and logout journeys by cookie: which page made the browser send it. A browser adds a cookie to
// the requests of every page, so a cookie is believed only when the request comes from a page that may use it.

import { OriginRefusedError } from '../errors/errors.js';
import { refuseOption } from '../lib/options.js';
import {
  headerOf,
  isFetchRequest,
  type FetchHeaders,
  type NodeHeaders,
} from '../lib/request-header.js';

/** What the rule reads of a request. */
type CookieRequest = (NodeHeaders | FetchHeaders) & {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
};

/** Header that a page of another origin cannot add without being asked by a preflight. Any value will do. */
const customHeader = 'x-requested-with';

// RFC 9110 §9.2.1
const safeMethods: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Checks an option like `allowedOrigins`: exact origins, as browsers write them. */
export function readOrigins(origins: unknown, option = 'allowedOrigins'): ReadonlySet<string> {
  const list: unknown[] = Array.isArray(origins)
    ? origins
    : refuseOption(option, 'an array of origins', origins);
  return new Set(
    list.map((origin) => {
      // A pattern would be taken for a host of that name, and never met.
      const isOrigin = typeof origin === 'string' && /^https?:[^*]+$/.test(origin);
      return isOrigin && URL.canParse(origin) && new URL(origin).origin === origin
        ? origin
        : refuseOption(option, `origins like 'https://app.example.com'`, origin);
    }),
  );
}

/**
 * Whether a request can do something that its sender must have wanted.
 *
 * A WebSocket handshake is a GET, but what it opens can be written to and read, and browsers let every page start one, with
 * the cookies of the host and without CORS. A request whose method is not known is one that can, too.
 */
export function canHaveEffect(request: CookieRequest): boolean {
  const upgrade = headerOf(request, 'upgrade') ?? '';
  return !safeMethods.has(request.method) || /websocket/i.test(upgrade);
}

/**
 * Requires that a request with a cookie comes from the server's own origin or from one that is allowed.
 *
 * `Sec-Fetch-Site` decides where there is one, then `Origin` against `Host` or HTTP/2's `:authority`; with neither, as from
 * an old browser or a program, a custom header is required.
 *
 * The own origin is `https`, whatever the connection: TLS may end at a proxy. Over plain `http` there is one on a loopback
 * host only, which browsers treat as secure.
 *
 * @throws {@link OriginRefusedError} (403) before anything else is looked at.
 */
export function requireAllowedOrigin(request: CookieRequest, allowed: ReadonlySet<string>): void {
  if (!isAllowedOrigin(request, allowed)) throw new OriginRefusedError();
}

/** The same as an answer. */
export function isAllowedOrigin(request: CookieRequest, allowed: ReadonlySet<string>): boolean {
  const origin = headerOf(request, 'origin');
  if (origin !== undefined && allowed.has(origin)) return true;
  const site = headerOf(request, 'sec-fetch-site');
  return site === undefined
    ? isOwnOrigin(request, origin)
    : // `none` is the user's own doing: an address typed in, a bookmark.
      (site === 'same-origin' || site === 'none') && !isInsecure(origin);
}

function isOwnOrigin(request: CookieRequest, origin: string | undefined): boolean {
  if (origin === undefined) return headerOf(request, customHeader) !== undefined;
  const host = hostOf(request) ?? '';
  return (
    origin === originOf(`https://${host}`) ||
    (origin === originOf(`http://${host}`) && !isInsecure(origin))
  );
}

// `Host` says nothing where there is an `:authority`. RFC 9113 §8.3.1
function hostOf(request: CookieRequest): string | undefined {
  if (!isFetchRequest(request)) return headerOf(request, ':authority') ?? headerOf(request, 'host');
  const { url = '' } = request;
  return headerOf(request, 'host') ?? (URL.canParse(url) ? new URL(url).host : undefined);
}

function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined;
}

/** A page that anybody on the network can have altered. A browser sends no `Sec-Fetch-Site: same-origin` for one. */
function isInsecure(origin = ''): boolean {
  const { protocol, hostname } = URL.canParse(origin)
    ? new URL(origin)
    : { protocol: '', hostname: '' };
  return protocol === 'http:' && !loopback.test(hostname);
}

const loopback = /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/;
