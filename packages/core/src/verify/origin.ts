// Protects cookies against cross-site requests: a browser adds a cookie to the requests of every page, so a cookie is accepted
// only from pages of allowed origins. RFC 6454 §7, Fetch Metadata

import { OriginRefusedError } from '../errors/errors.js';
import { refuseOption } from '../lib/options.js';
import {
  headerOf,
  isFetchRequest,
  type FetchHeaders,
  type NodeHeaders,
} from '../lib/request-header.js';

/** The part of a request that the rule reads. */
type CookieRequest = (NodeHeaders | FetchHeaders) & {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
};

/** A page of another origin can add this header only after a CORS preflight. Any value is accepted. */
const customHeader = 'x-requested-with';

// RFC 9110 §9.2.1
const safeMethods: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Checks an option like `allowedOrigins`: origins in the form that browsers send. */
export function readOrigins(origins: unknown, option = 'allowedOrigins'): ReadonlySet<string> {
  const list: unknown[] = Array.isArray(origins)
    ? origins
    : refuseOption(option, 'an array of origins', origins);
  return new Set(
    list.map((origin) => {
      // A pattern would be a host name that no page has.
      const isOrigin = typeof origin === 'string' && /^https?:[^*]+$/.test(origin);
      return isOrigin && URL.canParse(origin) && new URL(origin).origin === origin
        ? origin
        : refuseOption(option, `origins like 'https://app.example.com'`, origin);
    }),
  );
}

/**
 * Whether a request can change something, so that its origin must be checked.
 *
 * A WebSocket handshake is a GET, but its connection can be written and read, and browsers let every page start one, with
 * the cookies of the host and without CORS. A request without a known method counts as one with an effect.
 */
export function canHaveEffect(request: CookieRequest): boolean {
  const upgrade = headerOf(request, 'upgrade') ?? '';
  return !safeMethods.has(request.method) || /websocket/i.test(upgrade);
}

/**
 * Requires that a request with a cookie comes from the server's own origin or from an allowed one.
 *
 * Reads `Sec-Fetch-Site` if the request has it, else compares `Origin` with `Host` or HTTP/2's `:authority`. Without both, as
 * from an old browser or a program, it requires the header `X-Requested-With`.
 *
 * The server's own origin is `https`, also when the connection is not encrypted: TLS may end at a proxy. `http` is accepted on
 * loopback hosts only, which browsers treat as secure.
 *
 * @throws {@link OriginRefusedError} (403) the request comes from another origin.
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
    : // `none`: the user typed the address or opened a bookmark.
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

// `:authority` takes precedence over `Host`. RFC 9113 §8.3.1
function hostOf(request: CookieRequest): string | undefined {
  if (!isFetchRequest(request)) return headerOf(request, ':authority') ?? headerOf(request, 'host');
  const { url = '' } = request;
  return headerOf(request, 'host') ?? (URL.canParse(url) ? new URL(url).host : undefined);
}

function originOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).origin : undefined;
}

/** Whether the page was loaded over plain `http` from another machine: anyone on the network can have changed it. */
function isInsecure(origin = ''): boolean {
  const { protocol, hostname } = URL.canParse(origin)
    ? new URL(origin)
    : { protocol: '', hostname: '' };
  return protocol === 'http:' && !loopback.test(hostname);
}

const loopback = /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/;
