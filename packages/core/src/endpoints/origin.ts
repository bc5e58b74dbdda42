// On the refresh and logout journeys by cookie: who made the browser send it. A cookie goes along with whatever any
// page sends, so a request is believed only when its origin speaks for it.

import type { IncomingMessage } from 'node:http';

import { OriginRefusedError } from '../errors.js';
import { refuseOption } from '../options.js';

/** Header that a page of another origin cannot add without being asked by a preflight. Any value will do. */
const customHeader = 'x-requested-with';

/** Checks the option `allowedOrigins`: exact origins, as browsers write them. */
export function readOrigins(origins: unknown): ReadonlySet<string> {
  const list: unknown[] = Array.isArray(origins)
    ? origins
    : refuseOption('allowedOrigins', 'an array of origins', origins);
  return new Set(
    list.map((origin) => {
      // A pattern would be taken for a host of that name, and never met.
      const isOrigin = typeof origin === 'string' && /^https?:[^*]+$/.test(origin);
      return isOrigin && URL.canParse(origin) && new URL(origin).origin === origin
        ? origin
        : refuseOption('allowedOrigins', `origins like 'https://app.example.com'`, origin);
    }),
  );
}

/**
 * Requires that a request with a cookie comes from our own origin or from one that is allowed.
 *
 * `Sec-Fetch-Site` decides where there is one, then `Origin` against `Host`; with neither, as from a browser of long
 * ago or a program, a custom header is required.
 *
 * @throws {@link OriginRefusedError} (403) before anything else is looked at.
 */
export function requireAllowedOrigin(
  { headers }: IncomingMessage,
  allowed: ReadonlySet<string>,
): void {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (origin !== undefined && allowed.has(origin)) return;
  // `none` is the user's own doing: an address typed in, a bookmark.
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new OriginRefusedError();
  if (site === undefined && !isOwn(origin, host) && !isBare(origin, headers)) {
    throw new OriginRefusedError();
  }
}

function isOwn(origin: string | undefined, host: string | undefined): boolean {
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

function isBare(origin: string | undefined, headers: IncomingMessage['headers']): boolean {
  return origin === undefined && headers[customHeader] !== undefined;
}
