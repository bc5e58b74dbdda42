// Protects cookies against cross-site requests: a browser adds a cookie to the requests of every page, so a cookie is accepted
// only from pages of allowed origins. RFC 6454 §7, Fetch Metadata

import { OriginRefusedError } from '../errors/errors.js';
import { refuseOption } from '../lib/options.js';
import { headerOf, isFetchRequest } from '../lib/request-header.js';
import type { BearerRequest } from './bearer-request.js';

// RFC 9110 §9.2.1
const safeMethods: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Checks an option like `allowedOrigins`: origins in the form that browsers send. */
export function readOrigins(origins: unknown = [], option = 'allowedOrigins'): ReadonlySet<string> {
  if (!Array.isArray(origins)) return refuseOption(option, 'an array of origins', origins);
  return new Set(
    origins.map((origin: unknown) =>
      // A pattern would be a host name that no page has.
      isOrigin(origin)
        ? origin
        : refuseOption(option, `origins like 'https://app.example.com'`, origin),
    ),
  );
}

function isOrigin(origin: unknown): origin is string {
  if (typeof origin !== 'string') return false;
  // Node knows no origin of such a scheme. `file://` is that of every file.
  if (isAppOrigin(origin)) return !/^file:|\/$/.test(origin);
  return /^https?:[^*]+$/.test(origin) && originOf(origin) === origin;
}

/** Whether an origin has a scheme that belongs to an app or an extension: `capacitor://localhost`, `tauri://localhost`, `chrome-extension://…`. */
function isAppOrigin(origin: string): boolean {
  return /^(?!(?:https?|ftp|wss?):)[a-z][a-z\d+.-]*:\/\/[\w.-]*$/.test(origin);
}

/**
 * Whether a request comes from a page inside an app (Capacitor, Ionic, Tauri, Electron) or a browser extension. To this server
 * such a page is one of another site, to which browsers give no `SameSite` cookie.
 *
 * On Android and Windows these pages are at `localhost` or `tauri.localhost`, without a port.
 */
export function isAppPage(request: BearerRequest): boolean {
  const origin = headerOf(request, 'origin') ?? '';
  if (isAppOrigin(origin)) return true;
  const host = parseUrl(`https://${hostOf(request)}`)?.hostname ?? '';
  return /^https?:\/\/(?:tauri\.)?localhost$/.test(origin) && !loopback.test(host);
}

/**
 * Whether a request can change something, so that its origin must be checked.
 *
 * A WebSocket handshake is a GET, but its connection can be written and read, and browsers let every page start one, with
 * the cookies of the host and without CORS. A request without a known method counts as one with an effect.
 */
export function canHaveEffect(request: BearerRequest): boolean {
  const upgrade = headerOf(request, 'upgrade') ?? '';
  return !safeMethods.has(request.method) || /websocket/i.test(upgrade);
}

/**
 * Requires that a request with a cookie comes from the server's own origin or from an allowed one.
 *
 * The server's own origin is `https`, also when the connection is not encrypted: TLS may end at a proxy. `http` is accepted on
 * loopback hosts only, which browsers treat as secure.
 */
export function requireAllowedOrigin(request: BearerRequest, allowed: ReadonlySet<string>): void {
  if (!isAllowedOrigin(request, allowed)) throw new OriginRefusedError();
}

/** The same as an answer. */
export function isAllowedOrigin(request: BearerRequest, allowed: ReadonlySet<string>): boolean {
  const origin = headerOf(request, 'origin');
  if (origin !== undefined && allowed.has(origin)) return true;
  if (isInsecure(origin)) return false;
  const site = headerOf(request, 'sec-fetch-site');
  // `none`: the user typed the address or opened a bookmark.
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  // Neither header: an old browser or a program. A page of another origin can add this one only after a CORS preflight.
  if (origin === undefined) return headerOf(request, 'x-requested-with') !== undefined;
  const host = hostOf(request) ?? '';
  return origin === originOf(`https://${host}`) || origin === originOf(`http://${host}`);
}

/** What an event says of a request that was refused for its origin: the origin that it names, and what the developer can do. */
export function aboutOrigin(request: BearerRequest): {
  readonly origin?: string;
  readonly hint: string;
} {
  const origin = headerOf(request, 'origin');
  if (origin === undefined) {
    return {
      hint: 'The request names no origin. A program that sends neither Origin nor Sec-Fetch-Site must send an X-Requested-With header.',
    };
  }
  const hint = isInsecure(origin)
    ? 'The page was loaded over plain http from another host than localhost, so anyone on the network can have changed it. Use https, or open the page on localhost.'
    : 'Name the origin in allowedOrigins if its pages may use the cookie.';
  return { origin: origin.slice(0, 200), hint };
}

/** Whether the page was loaded over plain `http` from another machine: anyone on the network can have changed it. */
export function isInsecure(origin = ''): boolean {
  const url = parseUrl(origin);
  return url?.protocol === 'http:' && !loopback.test(url.hostname);
}

const loopback = /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\])$/;

// `:authority` takes precedence over `Host`. RFC 9113 §8.3.1
function hostOf(request: BearerRequest): string | undefined {
  const host = headerOf(request, 'host');
  return isFetchRequest(request)
    ? (host ?? parseUrl(request.url)?.host)
    : (headerOf(request, ':authority') ?? host);
}

function originOf(address: string): string | undefined {
  return parseUrl(address)?.origin;
}

function parseUrl(address = ''): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined;
}
