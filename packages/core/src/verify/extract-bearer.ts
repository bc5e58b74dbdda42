// Extracts the bearer token of a request: from `Authorization`, or from the transports of the verifier. RFC 6750 §2

import type { ProtectionSpace } from '../errors/challenge.js';
import { InvalidRequestError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import { readCookies } from '../lib/cookies.js';
import { isObject } from '../lib/options.js';
import { headerLines, headerOf, isFetchRequest } from '../lib/request-header.js';
import type { BearerRequest, BearerSource } from './bearer-request.js';
import { canHaveEffect, requireAllowedOrigin } from './origin.js';
import type { TokenVerifier } from './token-verifier.js';

/** The bearer credential of a request, or `undefined`; a credential of another scheme does not count. */
export async function extractBearer(
  { hooks, space }: TokenVerifier,
  source: BearerSource,
  transports: TokenVerifier['transports'],
): Promise<string | undefined> {
  const isHeaderRead = transports?.header !== false || !isRequest(source);
  const inHeader = isHeaderRead ? readAuthorization(source, space) : undefined;
  requireB64token(inHeader, space);
  if (transports === undefined || !isRequest(source)) return inHeader;
  const { cookie, query, custom, allowedOrigins } = transports;
  const inCookies = cookie === undefined ? [] : readCookie(source, cookie);
  const inQuery = query === undefined ? [] : readQuery(source, query);
  const inCustom =
    custom && (await callHook(hooks, 'transports.custom', () => custom(source), readCustom));
  const [credential, ...others] = [inHeader, ...inCookies, ...inQuery, inCustom].filter(
    (candidate) => candidate !== undefined,
  );
  if (others.length > 0) throw malformed(space);
  // A browser adds a cookie to the requests of every page. Only a program that has the token can add a header.
  if (inCookies.length > 0 && canHaveEffect(source)) requireAllowedOrigin(source, allowedOrigins);
  requireB64token(credential, space);
  return credential;
}

/** The bearer credential in `Authorization`; `undefined` if nothing is behind the scheme. Its characters are not checked. */
export function readAuthorization(
  source: BearerSource,
  space: ProtectionSpace,
): string | undefined {
  const value = isRequest(source) ? authorizationOf(source, space) : source;
  if (typeof value !== 'string' || !bearerScheme.test(value)) return undefined;
  const [prefix] = /^bearer(?: +|$)/i.exec(value) ?? [];
  if (prefix === undefined) throw malformed(space);
  return value.slice(prefix.length) || undefined;
}

const bearerScheme = /^bearer(?![\w!#$%&'*+.^`|~-])/i;
const b64token = /^[A-Za-z0-9._~+/-]+=*$/;

function requireB64token(credential: string | undefined, space: ProtectionSpace): void {
  if (credential !== undefined && !b64token.test(credential)) throw malformed(space);
}

function authorizationOf(request: BearerRequest, space: ProtectionSpace): string | undefined {
  requireHeaders(request);
  // Fetch joins repeated headers with a comma, which a bearer credential cannot contain.
  if (isFetchRequest(request)) return request.headers.get('authorization') ?? undefined;
  const { headers, rawHeaders, multiValueHeaders } = request;
  const values = headerLines(request, 'authorization');
  // Node keeps the first of several lines, and AWS Lambda the last: both drop the others silently.
  const raw = rawHeaders?.filter(
    (text, index) => index % 2 === 0 && text.toLowerCase() === 'authorization',
  );
  const all = isObject(multiValueHeaders)
    ? headerLines({ headers: multiValueHeaders }, 'authorization')
    : [];
  const isList = typeof headers?.['authorization'] === 'object';
  const isTwice = [values, raw ?? [], all].some((lines) => lines.length > 1);
  if (isList || isTwice) throw malformed(space);
  return values[0] ?? all[0];
}

function requireHeaders(request: BearerRequest): void {
  const headers: unknown = request.headers;
  if (typeof headers === 'object' && headers !== null && !Array.isArray(headers)) return;
  // AWS Lambda writes null for a request without headers.
  if (headers === null && 'multiValueHeaders' in request) return;
  if (Array.isArray(headers)) {
    throw new TypeError(
      'verifyBearer needs headers by name, and got a list: pass new Headers(list)',
    );
  }
  // A WebSocket of a library, for example, has the request in one of its members.
  throw new TypeError(
    'verifyBearer needs a request of Node, a Fetch Request, or the value of the Authorization header; the object has no headers.',
  );
}

function readCookie(request: BearerRequest, name: string): readonly string[] {
  const values = readCookies(headerOf(request, 'cookie') ?? '', name);
  // Some servers leave a single empty cookie when they clear it.
  return values.length === 1 && values[0] === '' ? [] : values;
}

function readQuery({ url = '' }: BearerRequest, name: string): readonly string[] {
  const start = url.indexOf('?');
  return start < 0 ? [] : new URLSearchParams(url.slice(start)).getAll(name);
}

function readCustom(answer: unknown): string | undefined {
  if (answer !== undefined && typeof answer !== 'string') {
    throw new TypeError('transports.custom must answer a string or undefined');
  }
  return answer;
}

export function isRequest(source: BearerSource): source is BearerRequest {
  return typeof source === 'object' && source !== null;
}

function malformed(space: ProtectionSpace): InvalidRequestError {
  return new InvalidRequestError('request_malformed', { space });
}
