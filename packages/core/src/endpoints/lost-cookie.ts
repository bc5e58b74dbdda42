// Notices a cookie that the browser does not store, because the connection is plain http.

import type { IncomingMessage } from 'node:http';

import { warnOnce } from '../lib/warn-once.js';
import { isInsecure } from '../verify/origin.js';

/**
 * Warns once when a refresh cookie was sent to a page that was loaded over plain http from another host than localhost: browsers do
 * not store a `Secure` cookie then, and the next refresh has none.
 */
export function warnIfCookieIsLost(request: IncomingMessage, carrier: 'cookie' | 'body'): void {
  if (carrier === 'cookie' && isLostOverHttp(request)) {
    warnOnce('TOKENPAIR_COOKIE_OVER_HTTP', lostOverHttp);
  }
}

export const lostOverHttp: string =
  'The refresh cookie was sent over plain http to a page that is not on localhost. Browsers do not store it there, because it is ' +
  'Secure, so the next refresh has no token. Use https, also for tests in a local network, or open the page on http://localhost. ' +
  'If a proxy in front of this server speaks https, let it send X-Forwarded-Proto.';

/** Whether a browser does not store the cookie of the response. Without a sign of a browser and of plain http, it is false. */
export function isLostOverHttp({ headers, socket }: IncomingMessage): boolean {
  if (socket !== undefined && 'encrypted' in socket) return false;
  const proxied = String(headers['x-forwarded-proto'] ?? headers['forwarded'] ?? '');
  if (/https/i.test(proxied)) return false;
  const { host = '', origin } = headers;
  if (!isInsecure(`http://${host}`)) return false;
  // The page is on this server, and says how it was loaded.
  if (origin !== undefined) return origin.toLowerCase() === `http://${host.toLowerCase()}`;
  // The environment decides about this warning only, never about behaviour.
  const isBrowser = /mozilla/i.test(headers['user-agent'] ?? '');
  return isBrowser && (proxied !== '' || process.env['NODE_ENV'] !== 'production');
}
