// On the guard journey: request to the one token that it carries. RFC 6750 §2

import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { readCookies } from '../lib/cookies.js';
import { InvalidRequestError } from '../errors/errors.js';
import { canHaveEffect, requireAllowedOrigin } from './origin.js';
import { headerOf, isFetchRequest } from '../lib/request-header.js';
import type { BearerRequest, BearerSource } from './bearer-request.js';
import { askHook, reportRefusal } from './report-refusal.js';
import type { CheckedTransports, TokenVerifier } from './token-verifier.js';

/**
 * Finds the bearer credential of a request: at once, unless an extractor of the application's own answers a promise.
 *
 * Whether it has the form of one is left to {@link requireB64token}, for a token that is known needs no such look.
 *
 * @returns the credential, or `undefined` when the request carries none (another scheme is none).
 * @throws {@link InvalidRequestError} (400) nothing follows the scheme, or there are several credentials.
 * @throws {@link OriginRefusedError} (403) a cookie, in a request with an effect from a page that may not use it.
 * @throws TypeError the source is an object without headers.
 */
export function extractBearer(
  verifier: TokenVerifier,
  source: BearerSource,
): MaybePromise<string | undefined> {
  if (typeof source !== 'object' || source === null) return fromAuthorization(verifier, source);
  requireHeaders(source);
  const credential = fromAuthorization(verifier, authorizationOf(verifier, source));
  return verifier.transports === undefined
    ? credential
    : fromSeveral(verifier, source, verifier.transports, credential);
}

// A WebSocket of a library, say, has the request in one of its members.
function requireHeaders({ headers }: { readonly headers?: unknown }): void {
  if (typeof headers === 'object' && headers !== null) return;
  throw new TypeError(
    "verifyBearer takes Node's request, a Fetch Request or the value of the Authorization header; what it got has no headers",
  );
}

/** @throws {@link InvalidRequestError} (400) the credential is not of the form that every bearer token has. */
export function requireB64token(verifier: TokenVerifier, credential: string): void {
  if (!b64token.test(credential)) throw malformed(verifier);
}

const bearerScheme = /^bearer(?![\w!#$%&'*+.^`|~-])/i;
const b64token = /^[A-Za-z0-9._~+/-]+=*$/;
const schemeLength = 'bearer'.length;

function fromAuthorization(
  verifier: TokenVerifier,
  value: string | null | undefined,
): string | undefined {
  if (typeof value !== 'string' || !bearerScheme.test(value)) return undefined;
  let start = schemeLength;
  while (value[start] === ' ') start += 1;
  if (start === schemeLength || start === value.length) throw malformed(verifier);
  return value.slice(start);
}

function fromSeveral(
  verifier: TokenVerifier,
  source: BearerRequest,
  { cookie, query, custom, allowedOrigins }: CheckedTransports,
  credential: string | undefined,
): MaybePromise<string | undefined> {
  if (credential !== undefined) requireB64token(verifier, credential);
  const inCookies = cookie === undefined ? [] : fromCookies(source, cookie);
  const inQuery = query === undefined ? [] : fromQuery(source, query);
  const choose = (own?: string) => {
    const only = onlyOne(verifier, [credential, ...inCookies, ...inQuery, own]);
    if (inCookies.length > 0) requireOrigin(verifier, source, allowedOrigins);
    return only;
  };
  if (custom === undefined) return choose();
  const answer = askHook(verifier.hooks, 'transports.custom', () => custom(source), readCustom);
  return andThen(answer, choose);
}

function onlyOne(
  verifier: TokenVerifier,
  found: readonly (string | undefined)[],
): string | undefined {
  const [credential, ...others] = found.filter((candidate) => candidate !== undefined);
  if (others.length > 0) throw malformed(verifier);
  return credential;
}

// A browser adds the cookie to the requests of every page; the header is added by those who have the token.
function requireOrigin(
  verifier: TokenVerifier,
  request: BearerRequest,
  allowed: ReadonlySet<string>,
): void {
  if (!canHaveEffect(request)) return;
  try {
    requireAllowedOrigin(request, allowed);
  } catch (error) {
    throw reportRefusal(verifier.hooks, error);
  }
}

function authorizationOf(verifier: TokenVerifier, request: BearerRequest): string | undefined {
  // Fetch joins repeated headers with a comma, which no credential of ours contains.
  if (isFetchRequest(request)) return request.headers.get('authorization') ?? undefined;
  const value = request.headers['authorization'];
  // Node keeps the first of several lines and drops the rest without a word.
  if (typeof value === 'object' || countAuthorizationLines(request.rawHeaders) > 1) {
    throw malformed(verifier);
  }
  return value;
}

function countAuthorizationLines(rawHeaders: readonly string[] = []): number {
  let lines = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 13 && isAuthorization(name)) lines += 1;
  }
  return lines;
}

function isAuthorization(name: string): boolean {
  return name === 'Authorization' || name.toLowerCase() === 'authorization';
}

function fromCookies(request: BearerRequest, name: string): readonly string[] {
  const values = readCookies(headerOf(request, 'cookie') ?? '', name);
  // A single empty one is what some leave behind when they clear a cookie.
  return values.length === 1 && values[0] === '' ? [] : values;
}

function fromQuery(request: BearerRequest, name: string): readonly string[] {
  const { url = '' } = request;
  const start = url.indexOf('?');
  return start < 0 ? [] : new URLSearchParams(url.slice(start)).getAll(name);
}

function readCustom(answer: unknown): string | undefined {
  if (answer !== undefined && typeof answer !== 'string') {
    throw new TypeError('transports.custom must answer a string or undefined');
  }
  return answer;
}

function malformed(verifier: TokenVerifier): unknown {
  return reportRefusal(
    verifier.hooks,
    new InvalidRequestError('request_malformed', { space: verifier.space }),
  );
}
