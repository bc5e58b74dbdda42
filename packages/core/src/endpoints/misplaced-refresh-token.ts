// Finds out for the developer why a request has no refresh token where it is read, or something else in its place.

import type { IncomingMessage } from 'node:http';

import { hintAtValue } from '../issue/hint-at-value.js';
import { refreshTokenPrefix } from '../lib/refresh-token-prefix.js';
import { isLostOverHttp, lostOverHttp } from './lost-cookie.js';
import { mediaTypeOf, type Parameters } from './read-parameters.js';
import type { RefreshTransport } from './refresh-transport.js';

/** What a request has for an endpoint that takes a refresh token. */
interface Received {
  readonly transport: RefreshTransport;
  readonly request: IncomingMessage;
  readonly parameters: Parameters;
  /** What is where the refresh token should be. */
  readonly refreshToken: string | undefined;
}

/** The probable mistake and its cure, without text of the request; `undefined` when nothing looks like one. */
export function hintAtRefreshToken(received: Received): string | undefined {
  const { refreshToken } = received;
  return refreshToken === undefined ? hintAtMissing(received) : hintAtValue(refreshToken);
}

function hintAtMissing({ transport, request, parameters }: Received): string | undefined {
  const isNamed = transport.isNamedIn(request);
  if (isNamed && transport.cookiesOf(request).length === 0) {
    return "The request has the cookie, but this mount takes the refresh token from the body. Set transport: 'cookie' or 'auto'.";
  }
  const cure =
    transport.name === 'cookie'
      ? 'This mount reads the cookie that its answers set, and nothing else.'
      : 'Send it in the body, as the parameter refresh_token.';
  const place = placeOfToken(request, parameters);
  if (place !== undefined) return `${place} ${cure}`;
  if (!isNamed && isLostOverHttp(request)) return lostOverHttp;
  return transport.name === 'body' && jwt.test(request.headers.authorization ?? '')
    ? `Authorization has an access token, which refreshes no session. The refresh token is the credential here. ${cure}`
    : undefined;
}

/** Where else a refresh token is. */
function placeOfToken(request: IncomingMessage, parameters: Parameters): string | undefined {
  const { authorization = '', cookie = '', ...headers } = request.headers;
  const isMisnamed = Object.keys(parameters).some(
    (name) => name !== 'refresh_token' && /^refresh(?:[-_ ]?token)?$/i.test(name),
  );
  if (isMisnamed || hasToken(parameters)) return 'The body has a refresh token under another name.';
  if (token.test(authorization)) return 'Authorization has the refresh token.';
  if (token.test(request.url ?? ''))
    return 'The URL has the refresh token, and URLs end up in logs.';
  if (token.test(cookie)) return 'A cookie of another name has a refresh token.';
  return hasToken(headers) ? 'Another header has the refresh token.' : undefined;
}

const token = new RegExp(`(?<![\\w-])${refreshTokenPrefix}[\\w-]{20}`);
const jwt = /(?<![\w-])e[wy][\w-]+\.e[wy][\w-]+\.[\w-]*/;

/** Whether a value somewhere in an object has a refresh token. What an application has parsed may be large. */
function hasToken(value: unknown, depth = 3): boolean {
  if (typeof value === 'string') return token.test(value.slice(0, 8_192));
  if (depth === 0 || typeof value !== 'object' || value === null) return false;
  return Object.values(value)
    .slice(0, 100)
    .some((member) => hasToken(member, depth - 1));
}

/** Why a body is of no supported type. */
export function hintAtMediaType(request: IncomingMessage): string | undefined {
  const type = mediaTypeOf(request) ?? '';
  if (/^(?:text\/plain)?$/.test(type)) {
    return 'The body came without the Content-Type of JSON or of a form: fetch sends text as text/plain. Set Content-Type: application/json.';
  }
  if (type === 'multipart/form-data') {
    return 'The body is multipart, as FormData sends it. Send JSON, or URLSearchParams.';
  }
  return type === 'application/json'
    ? 'The endpoints of OAuth clients take a URL-encoded form, not compressed. /refresh and /logout take JSON too.'
    : undefined;
}
