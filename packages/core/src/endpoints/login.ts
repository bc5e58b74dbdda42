// Signs a user in over HTTP: issues a pair, ends the session that it replaces, and sends it.

import type { IncomingMessage } from 'node:http';

import { AccessDeniedError } from '../errors/errors.js';
import { issueFor } from '../issue/issue-token-pair.js';
import type { LoginGrant } from '../issue/login-grant.js';
import { endReplacedSession } from '../issue/revoke-session.js';
import type { HttpResponse } from '../lib/http-response.js';
import { checkOptions, refuseOption } from '../lib/options.js';
import { requireTokenPair, type TokenPair } from '../issue/token-pair.js';
import { findPresentedSessions } from './choose-refresh-token.js';
import type { EndpointContext } from './endpoint.js';
import { warnIfCookieIsLost } from './lost-cookie.js';
import type { RefreshTransport } from './refresh-transport.js';

/** Options of `endpoints.login` and `endpoints.send`. */
export interface LoginOptions {
  /**
   * Where the browser goes after a login that comes back by redirect, or by a form: a path or an absolute URL, as `Location` of a 303
   * answer. Only with the cookie. Never take it from the request unchecked. @defaultValue none: the pair as JSON
   */
  readonly redirect?: string | undefined;
}

/**
 * Issues a pair for a user whose identity is proved, and makes the response that sends it.
 *
 * With the cookie, the request must come from an allowed page; and the session of the cookie that it carries ends, unless the
 * grant names another one to replace. Of several cookies, all sessions end.
 *
 * @throws {@link OriginRefusedError} (403) the request comes from a page that is not allowed.
 * @throws {@link AccessDeniedError} (403) the cookie is of a session in which an actor acts for somebody: it must end first.
 * @throws what `issueTokenPair` throws.
 */
export async function login(
  { tokens, transport, describe }: EndpointContext,
  request: IncomingMessage,
  grant: LoginGrant,
  options: LoginOptions = {},
): Promise<HttpResponse> {
  const { carrier, redirect } = planAnswer('endpoints.login', transport, request, options);
  // In the body, a cookie means nothing: the platform of an app may have added it.
  const cookies = carrier === 'cookie' ? transport.cookiesOf(request) : [];
  const pair = await issueOver({ tokens, describe }, request, cookies, grant);
  warnIfCookieIsLost(request, carrier);
  return writeAnswer(transport.answer(request, pair, carrier), redirect);
}

/**
 * Issues a pair, and ends the sessions of the refresh tokens that the browser had.
 *
 * @param maxLength - maximum characters of the access token, if it must be shorter than verifiers accept.
 */
export async function issueOver(
  { tokens, describe }: Pick<EndpointContext, 'tokens' | 'describe'>,
  request: IncomingMessage,
  cookies: readonly string[],
  grant: LoginGrant,
  maxLength?: number,
): Promise<TokenPair> {
  const presented = await findPresentedSessions(tokens, cookies);
  const acting = presented.find(({ session }) => session.data.act !== undefined);
  if (acting !== undefined) {
    const { sessionId, subject } = acting.session;
    const about = describe(request);
    const more = about === undefined ? {} : { request: about };
    tokens.hooks.emit({
      type: 'request.refused',
      code: 'access_denied',
      sessionId,
      subject,
      ...more,
    });
    throw new AccessDeniedError();
  }
  const described = describe(request);
  const [first, ...others] = grant?.replaces === undefined ? presented : [];
  const pair = await issueFor(
    tokens,
    { ...grant, replaces: grant?.replaces ?? first?.refreshToken },
    { request: described, maxLength },
  );
  // One cookie is left, and with it one session. The login has succeeded, so a failure here does not fail it.
  await Promise.allSettled(
    others.map(async ({ session }) => endReplacedSession(tokens, session, described)),
  );
  return pair;
}

/**
 * Sends a pair that was issued before.
 *
 * @throws {@link OriginRefusedError} (403) it sets the cookie, and the request comes from a page that is not allowed.
 */
export function deliver(
  { transport }: EndpointContext,
  request: IncomingMessage,
  pair: TokenPair,
  options: LoginOptions = {},
): HttpResponse {
  requireTokenPair('endpoints.send', pair);
  const { carrier, redirect } = planAnswer('endpoints.send', transport, request, options);
  warnIfCookieIsLost(request, carrier);
  return writeAnswer(transport.answer(request, pair, carrier), redirect);
}

/** Decides how a login is answered, and checks whether it may be, before anything is issued. */
function planAnswer(
  where: string,
  transport: RefreshTransport,
  request: IncomingMessage,
  options: LoginOptions,
): { readonly carrier: 'cookie' | 'body'; readonly redirect: string | undefined } {
  const { redirect } = checkOptions(where, options, ['redirect']);
  if (redirect !== undefined) requireRedirect(where, redirect, transport);
  else if (isNavigation(request)) {
    throw new TypeError(
      `${where}: the browser shows the answer to this request as a page, and with it the access token. ` +
        `Pass { redirect: '/' }, or sign in with fetch`,
    );
  }
  // What is redirected is a browser, also an old one that does not say so.
  const carrier = redirect === undefined ? transport.carrierFor(request) : 'cookie';
  if (carrier === 'cookie') transport.requireOwnPage(request);
  return { carrier, redirect };
}

function writeAnswer(response: HttpResponse, redirect: string | undefined): HttpResponse {
  if (redirect === undefined) return response;
  const { 'Content-Type': _type, ...headers } = response.headers;
  // An empty body, not none: Koa would make it 204.
  return { status: 303, headers: { ...headers, Location: redirect }, body: '' };
}

// Browsers before 2023 do not send the first header.
function isNavigation({ headers }: IncomingMessage): boolean {
  const mode = headers['sec-fetch-mode'];
  return mode === undefined ? /^text\/html\b/.test(headers.accept ?? '') : mode === 'navigate';
}

function requireRedirect(where: string, redirect: unknown, transport: RefreshTransport): void {
  if (transport.name === 'body') {
    throw new TypeError(
      `${where}: redirect needs the refresh token in a cookie: use the transport cookie, or auto for browsers`,
    );
  }
  // Printable ASCII without spaces: nothing that could end the header line.
  if (typeof redirect !== 'string' || !/^[\x21-\x7E]+$/.test(redirect)) {
    refuseOption('redirect', 'a path or a URL, percent-encoded', redirect);
  }
}
