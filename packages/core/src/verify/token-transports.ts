// The places of an access token in a request, and the checks of the option for them. RFC 6750 §2

import {
  checkOptions,
  refuseOption,
  requireBoolean,
  requireFunction,
  requireText,
} from '../lib/options.js';
import type { BearerRequest } from './bearer-request.js';
import { readOrigins } from './origin.js';

/** Places of a token. Those other than the `Authorization` header are off by default. */
export interface TokenTransports {
  /**
   * `false` ignores the `Authorization` header of requests, which then may hold a credential for something else. Requires
   * another transport. A text that is passed to `verifyBearer` is read all the same. @defaultValue `true`
   */
  readonly header?: boolean | undefined;
  /**
   * Name of a cookie with the access token. Use the prefix `__Host-`, as in `'__Host-access_token'`: then no other host of the
   * domain can set the cookie.
   *
   * A browser sends the cookie with the requests of every page. So a request with the cookie fails with 403
   * (`origin_refused`) unless it comes from the server's own origin or from `allowedOrigins`. This is read from
   * `Sec-Fetch-Site`, else from `Origin` and `Host`; a program that sends neither must send an `X-Requested-With` header. The
   * server's own origin is `https`, or `http` on a loopback host. Not checked: `GET`, `HEAD`, `OPTIONS` and `TRACE`, which
   * must not change anything, except for WebSocket handshakes. A request object without a `method` is checked.
   */
  readonly cookie?: string | undefined;
  /** Origins whose pages may send the cookie, beside the server's own. Requires `cookie`. @defaultValue none */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Name of a query parameter with the access token. URLs end up in logs: prefer every other transport. */
  readonly query?: string | undefined;
  /**
   * Finds the token in another place, and answers `undefined` when there is none. If it reads a cookie, it must check the
   * origin of the request itself.
   */
  readonly custom?:
    | ((request: BearerRequest) => string | undefined | Promise<string | undefined>)
    | undefined;
}

export interface CheckedTransports extends Omit<TokenTransports, 'allowedOrigins' | 'header'> {
  readonly header: boolean;
  readonly allowedOrigins: ReadonlySet<string>;
}

const cookieName = /^[\w!#$%&'*+.^`|~-]+$/;

/** Checks the option `transports`. */
export function checkTransports(transports: TokenTransports): CheckedTransports {
  const names = ['header', 'cookie', 'allowedOrigins', 'query', 'custom'];
  const checked = checkOptions('transports', transports, names);
  const { header = true, cookie, allowedOrigins, query, custom } = checked;
  requireBoolean('transports.header', header);
  if (cookie !== undefined && !cookieName.test(requireText('transports.cookie', cookie, 256))) {
    refuseOption('transports.cookie', 'the name of a cookie', cookie);
  }
  if (query !== undefined) requireText('transports.query', query, 256);
  requireFunction('transports.custom', custom);
  if (allowedOrigins !== undefined && cookie === undefined) {
    throw new TypeError('transports.allowedOrigins needs transports.cookie: name the cookie too');
  }
  if (!header && [cookie, query, custom].every((transport) => transport === undefined)) {
    throw new TypeError(
      'transports.header is false, and no other transport is given: name a cookie, query or custom',
    );
  }
  return Object.freeze({
    header,
    cookie,
    query,
    custom,
    allowedOrigins: readOrigins(allowedOrigins, 'transports.allowedOrigins'),
  });
}
