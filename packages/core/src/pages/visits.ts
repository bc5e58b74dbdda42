// Whose request it is: by the access cookie, else by a refresh in this process. Found out once for each request.

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import { createRefreshLimit } from '../endpoints/refresh-limit.js';
import { reportRefusal } from '../endpoints/report-refusal.js';
import { isAuthError } from '../errors/auth-error.js';
import { TemporarilyUnavailableError } from '../errors/errors.js';
import { refreshFor } from '../issue/refresh-token-pair.js';
import { emitRefusal } from '../issue/session-events.js';
import { LRUCache } from '../lib/lru-cache.js';
import { requireAllowedOrigin } from '../verify/origin.js';
import type { VerifiedToken } from '../verify/verified-token.js';
import { verifyDescribed } from '../verify/verify-bearer.js';
import { maxAccessToken, type CookieJar } from './page-cookies.js';
import type { PageExchange } from './page-exchange.js';
import { watchHeaders, type PageHeaders } from './page-headers.js';
import type { CheckedPagesOptions } from './page-options.js';
import { isUnsafe, mayRead } from './who-asks.js';

/** What is known of a request while it is answered. */
export interface Visit {
  readonly headers: PageHeaders;
  /** The one attempt to find out whose request it is. */
  identified?: Promise<VerifiedToken | undefined>;
  token?: VerifiedToken | undefined;
  /** Why it could not be found out, as long as the request has not been refused for it. */
  failure?: unknown;
}

export interface Visits {
  /** `undefined`: no pages of this issuer has seen the request. */
  known(request: object): Visit | undefined;
  /** The visit of a request, whose answer is watched from now on. */
  of(exchange: PageExchange): Visit;
  /**
   * The token of a request, which is refreshed if that is needed; `undefined` for one without a session.
   *
   * @throws AuthError the request is refused (400, 403), or could not be checked (503).
   */
  tokenFor(exchange: PageExchange): Promise<VerifiedToken | undefined>;
  /** From now on, the request is one without a session. */
  leave(visit: Visit): void;
  /** The token of an access cookie; `undefined` when it is refused. */
  tokenIn(request: IncomingMessage, access: string): Promise<VerifiedToken | undefined>;
  /** Hears that the user of a session has proved again who they are: cookies of refreshes that began before are late. */
  steppedUp(sessionId: string): void;
  /** Runs a step, and emits an event for a request of a wrong origin. */
  reporting<T>(request: IncomingMessage, run: () => Promise<T>): Promise<T>;
}

interface Surroundings {
  readonly tokens: TokenIssuer;
  readonly jar: CookieJar;
  /** What the application says of a request, for events. */
  readonly describe: (request: IncomingMessage) => unknown;
}

export function createVisits(
  { tokens, jar, describe }: Surroundings,
  {
    allowedOrigins,
    maxParallelRefreshes,
  }: Pick<CheckedPagesOptions, 'allowedOrigins' | 'maxParallelRefreshes'>,
): Visits {
  const limit = createRefreshLimit(maxParallelRefreshes);
  const visits = new WeakMap<object, Visit>();
  /** Numbers of the latest step-ups in this process, by session ID. */
  const stepUps = new LRUCache<string, number>({ max: 1_000 });
  let stepUpCount = 0;

  function visitOf({ request, response }: PageExchange): Visit {
    const known = visits.get(request);
    if (known !== undefined) return known;
    const visit: Visit = { headers: watchHeaders(response) };
    // Also without a session: the answer depends on the cookies.
    if (jar.has(request)) visit.headers.keepPrivate();
    visits.set(request, visit);
    return visit;
  }

  async function identify({ request }: PageExchange, visit: Visit) {
    const { access, refresh } = jar.read(request);
    if (access === undefined && refresh === undefined) return undefined;
    if (isUnsafe(request)) requireAllowedOrigin(request, allowedOrigins);
    else if (!mayRead(request, allowedOrigins)) return undefined;
    const token = access === undefined ? undefined : await tokenIn(request, access);
    if (token !== undefined || refresh === undefined) return token;
    return refreshIn(request, visit, refresh);
  }

  async function tokenIn(request: IncomingMessage, access: string) {
    try {
      return await verify(request, access);
    } catch (error) {
      if (!isAuthError(error) || error.status >= 500) throw error;
      return undefined;
    }
  }

  function verify(request: IncomingMessage, accessToken: string): Promise<VerifiedToken> {
    const circumstances = () => ({ request: () => describe(request) });
    return verifyDescribed(tokens.verifier, `Bearer ${accessToken}`, circumstances);
  }

  async function refreshIn(request: IncomingMessage, visit: Visit, refreshToken: string) {
    const described = describe(request);
    // The new access token is used before the browser has the cookies, and it may never get them.
    const details = { relay: true, request: described, maxLength: maxAccessToken };
    const refusal = { reason: 'limit', code: 'temporarily_unavailable' } as const;
    const begun = stepUpCount;
    try {
      const pair = await limit(
        () => refreshFor(tokens, refreshToken, undefined, details),
        () => emitRefusal({ tokens, request: described }, undefined, refusal),
      );
      const { sessionId } = pair;
      // Another tab may sign in or out, or step up, while the handler runs: these cookies would take the place of newer ones.
      const isCurrent = () =>
        tokens.revocations?.follower.list.hasEnded(sessionId) !== true &&
        (stepUps.get(sessionId) ?? 0) <= begun;
      visit.headers.setCookies(jar.store(pair), isCurrent);
      return await verifyFresh(request, pair.accessToken);
    } catch (error) {
      // The cookies stay: the browser may have newer ones by now.
      if (isAuthError(error) && error.status === 401) return undefined;
      throw error;
    }
  }

  /** Verifies what was signed just now. A change that was announced meanwhile is no reason to send the user to the sign-in page. */
  async function verifyFresh(request: IncomingMessage, accessToken: string) {
    try {
      return await verify(request, accessToken);
    } catch (error) {
      if (!isAuthError(error) || error.status >= 500 || error.action === 'login') throw error;
      throw new TemporarilyUnavailableError({ cause: error });
    }
  }

  async function reporting<T>(request: IncomingMessage, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      // Refusals of the guards and of tokens are emitted where they are decided.
      if (isAuthError(error) && error.code === 'origin_refused') {
        reportRefusal({ tokens, describe }, request, 'other', error);
      }
      throw error;
    }
  }

  async function tokenFor(exchange: PageExchange): Promise<VerifiedToken | undefined> {
    const visit = visitOf(exchange);
    visit.identified ??= reporting(exchange.request, async () => {
      visit.token = await identify(exchange, visit);
      return visit.token;
    });
    return visit.identified;
  }

  function leave(visit: Visit): void {
    visit.token = visit.failure = undefined;
    visit.identified = Promise.resolve(undefined);
  }

  return {
    known: (request) => visits.get(request),
    of: visitOf,
    tokenFor,
    leave,
    tokenIn,
    steppedUp(sessionId) {
      stepUpCount += 1;
      stepUps.set(sessionId, stepUpCount);
    },
    reporting,
  };
}
