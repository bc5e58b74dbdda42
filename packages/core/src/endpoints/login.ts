// Signs a user in over HTTP: issues a pair, ends the session that it replaces, and sends it.

import type { IncomingMessage } from 'node:http';

import { AccessDeniedError } from '../errors/errors.js';
import { issueTokenPair } from '../issue/issue-token-pair.js';
import type { LoginGrant } from '../issue/login-grant.js';
import { endReplacedSession } from '../issue/revoke-session.js';
import type { HttpResponse } from '../lib/http-response.js';
import { checkOptions, refuseOption } from '../lib/options.js';
import { findPresentedSessions } from './choose-refresh-token.js';
import type { EndpointContext } from './endpoint.js';
import { warnIfCookieIsLost } from './lost-cookie.js';

/** Options of `endpoints.login`. */
export interface LoginOptions {
  /**
   * Where the browser goes after a login that comes back by redirect: a path or an absolute URL, as `Location` of a 303 answer.
   * Only with the cookie. Never take it from the request unchecked. @defaultValue none: the pair as JSON
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
  const { redirect } = checkOptions('endpoints.login', options, ['redirect']);
  const carrier = transport.carrierFor(request);
  if (redirect !== undefined) requireRedirect(redirect, carrier);
  const cookies = transport.cookiesOf(request);
  // A cookie is checked also where the pair goes into the body: the login would end its session.
  if (carrier === 'cookie' || cookies.length > 0) transport.requireOwnPage(request);
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
  const pair = await issueTokenPair(
    tokens,
    { ...grant, replaces: grant?.replaces ?? first?.refreshToken },
    { request: described },
  );
  // One cookie is left, and with it one session. The login has succeeded, so a failure here does not fail it.
  await Promise.allSettled(
    others.map(async ({ session }) => endReplacedSession(tokens, session, described)),
  );
  warnIfCookieIsLost(request, carrier);
  const response = transport.answer(request, pair, carrier);
  if (redirect === undefined) return response;
  const { 'Content-Type': _type, ...headers } = response.headers;
  // An empty body, not none: Koa would make it 204.
  return { status: 303, headers: { ...headers, Location: redirect }, body: '' };
}

function requireRedirect(redirect: unknown, carrier: 'cookie' | 'body'): void {
  if (carrier !== 'cookie') {
    throw new TypeError(
      'endpoints.login: redirect needs the refresh token in a cookie: use the transport cookie, or auto for browsers',
    );
  }
  // Printable ASCII without spaces: nothing that could end the header line.
  if (typeof redirect !== 'string' || !/^[\x21-\x7E]+$/.test(redirect)) {
    refuseOption('redirect', 'a path or a URL, percent-encoded', redirect);
  }
}
