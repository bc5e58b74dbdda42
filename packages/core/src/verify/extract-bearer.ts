// Extracts the bearer token of a request: from `Authorization`, or from the transports of the verifier. RFC 6750 §2

import type { ProtectionSpace } from '../errors/challenge.js';
import { InvalidRequestError } from '../errors/errors.js';
import { callHook } from '../hooks/hooks.js';
import { readCookies } from '../lib/cookies.js';
import { headerOf, isFetchRequest } from '../lib/request-header.js';
import type { BearerRequest, BearerSource } from './bearer-request.js';
import { canHaveEffect, requireAllowedOrigin } from './origin.js';
import { reportRejection } from './report-rejection.js';
import type { CheckedTransports, TokenVerifier } from './token-verifier.js';

/**
 * Extracts the bearer credential of a request.
 *
 * @param transports - places beside the `Authorization` header to look at.
 * @returns the credential, or `undefined` when the request has none; a credential of another scheme does not count.
 * @throws {@link InvalidRequestError} (400) the credential is malformed, or there are several.
 * @throws {@link OriginRefusedError} (403) a cookie, in a request with an effect from a page that may not use it.
 * @throws TypeError the source is an object without headers.
 */
export async function extractBearer(
  verifier: TokenVerifier,
  source: BearerSource,
  transports: CheckedTransports | undefined,
): Promise<string | undefined> {
  const { hooks, space } = verifier;
  try {
    const inHeader = readAuthorization(source, space);
    requireB64token(inHeader, space);
    if (transports === undefined || !isRequest(source)) return inHeader;
    const credential = await readTransports(verifier, source, transports, inHeader);
    requireB64token(credential, space);
    return credential;
  } catch (error) {
    throw reportRejection(hooks, error);
  }
}

/**
 * Reads the bearer credential in `Authorization`, without a check of its characters.
 *
 * @throws {@link InvalidRequestError} (400) the header was sent several times, or nothing follows the scheme.
 */
export function readAuthorization(
  source: BearerSource,
  space: ProtectionSpace,
): string | undefined {
  const value = isRequest(source) ? authorizationOf(source, space) : source;
  if (typeof value !== 'string' || !bearerScheme.test(value)) return undefined;
  const [prefix] = /^bearer +/i.exec(value) ?? [];
  if (prefix === undefined || prefix === value) throw malformed(space);
  return value.slice(prefix.length);
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
  const value = request.headers['authorization'];
  // Node keeps the first of several lines, and drops the others silently.
  const lines = request.rawHeaders?.filter(
    (text, index) => index % 2 === 0 && text.toLowerCase() === 'authorization',
  );
  if (typeof value === 'object' || (lines && lines.length > 1)) throw malformed(space);
  return value;
}

async function readTransports(
  { hooks, space }: TokenVerifier,
  request: BearerRequest,
  { cookie, query, custom, allowedOrigins }: CheckedTransports,
  inHeader: string | undefined,
): Promise<string | undefined> {
  const inCookies = cookie === undefined ? [] : readCookie(request, cookie);
  const inQuery = query === undefined ? [] : readQuery(request, query);
  const inCustom =
    custom && (await callHook(hooks, 'transports.custom', () => custom(request), readCustom));
  const [credential, ...others] = [inHeader, ...inCookies, ...inQuery, inCustom].filter(
    (candidate) => candidate !== undefined,
  );
  if (others.length > 0) throw malformed(space);
  // A browser adds a cookie to the requests of every page. Only a program that has the token can add a header.
  if (inCookies.length > 0 && canHaveEffect(request)) requireAllowedOrigin(request, allowedOrigins);
  return credential;
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

// A WebSocket of a library, for example, has the request in one of its members.
function requireHeaders({ headers }: { readonly headers?: unknown }): void {
  if (typeof headers === 'object' && headers !== null) return;
  throw new TypeError(
    'verifyBearer needs a request of Node, a Fetch Request, or the value of the Authorization header; the object has no headers.',
  );
}

function isRequest(source: BearerSource): source is BearerRequest {
  return typeof source === 'object' && source !== null;
}

function malformed(space: ProtectionSpace): InvalidRequestError {
  return new InvalidRequestError('request_malformed', { space });
}
