// The options of pages, and how they are checked.

import type { RequestContext } from '../hooks/describe-request.js';
import { checkOptions, refuseOption, requireCount, requireFunction } from '../lib/options.js';
import { readOrigins } from '../verify/origin.js';
import { readCookieNames, type CheckedCookieNames, type PageCookieNames } from './page-cookies.js';
import { isReturnPath } from './return-path.js';

/** Options of `pages` in every adapter. */
export interface PagesOptions {
  /**
   * Path of the page with the sign-in form, as browsers see it: `'/login'`. A person without a session is sent there, with the
   * query parameter `return`.
   */
  readonly signIn: string;
  /**
   * Path of the page on which a user proves again who they are. The guards `fresh` and `acr` need it. @defaultValue none
   */
  readonly reauthenticate?: string | undefined;
  /** Names of the two cookies. @defaultValue `__Host-page_access` and `__Host-page_refresh` */
  readonly cookies?: PageCookieNames | undefined;
  /**
   * Origins whose pages may send forms and requests with the cookies, beside the server's own. That is `https` and the `Host` of
   * the request, or `http` on a loopback host. Behind a proxy that changes `Host`, name the origin that browsers see.
   * @defaultValue none
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * What the application wants to know of a request, `(req) => ({ ip: req.socket.remoteAddress })` for example: passed to the
   * `claims` hook and into events as `request`. When it throws or returns a promise, that is reported as `hook.failed`, and the
   * request goes on. @defaultValue nothing
   */
  readonly requestContext?: RequestContext | undefined;
  /**
   * Maximum number of refreshes that run at the same time in this process, 1 to 1 000 000. Beyond it a request that needs one
   * gets 503 with a `Retry-After` of 1 to 5 seconds. @defaultValue 200
   */
  readonly maxParallelRefreshes?: number | undefined;
}

export interface CheckedPagesOptions {
  readonly signIn: string;
  readonly reauthenticate: string | undefined;
  readonly names: CheckedCookieNames;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly requestContext: RequestContext | undefined;
  readonly maxParallelRefreshes: number;
}

const optionNames = [
  'signIn',
  'reauthenticate',
  'cookies',
  'allowedOrigins',
  'requestContext',
  'maxParallelRefreshes',
];

/** @throws TypeError naming the option that is wrong, missing or unknown. */
export function readPagesOptions(
  options: PagesOptions,
  adapterOptionNames: readonly string[],
): CheckedPagesOptions {
  const checked = checkOptions('pages', options, [...optionNames, ...adapterOptionNames]);
  const { reauthenticate, requestContext, maxParallelRefreshes = 200 } = checked;
  requireFunction('requestContext', requestContext);
  requireCount('maxParallelRefreshes', maxParallelRefreshes, 1_000_000);
  return {
    signIn: readPath('signIn', checked.signIn, '/login'),
    reauthenticate:
      reauthenticate === undefined
        ? undefined
        : readPath('reauthenticate', reauthenticate, '/confirm'),
    names: readCookieNames(checked.cookies),
    allowedOrigins: readOrigins(checked.allowedOrigins),
    requestContext,
    maxParallelRefreshes,
  };
}

function readPath(option: string, path: unknown, example: string): string {
  return typeof path === 'string' && isReturnPath(path) && !/[?#]/.test(path)
    ? path
    : refuseOption(option, `a path of this server like '${example}', without a query`, path);
}
