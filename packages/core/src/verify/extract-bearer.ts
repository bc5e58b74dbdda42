// On the guard journey: request to the one token that it carries. RFC 6750 §2

import { andThen, type Awaitable } from '../awaitable.js';
import { readCookies } from '../cookies.js';
import { InvalidRequestError } from '../errors.js';
import type { BearerRequest, BearerSource, FetchRequest } from './bearer-request.js';
import { askHook, reported } from './report-refusal.js';
import type { TokenTransports, TokenVerifier } from './token-verifier.js';

/**
 * Finds the bearer credential of a request: at once, unless an extractor of the application's own answers a promise.
 *
 * Whether it has the form of one is left to {@link requireB64token}, for a token that is known needs no such look.
 *
 * @returns the credential, or `undefined` when the request carries none (another scheme is none).
 * @throws {@link InvalidRequestError} (400) nothing follows the scheme, or there are several credentials.
 */
export function extractBearer(
  verifier: TokenVerifier,
  source: BearerSource,
): Awaitable<string | undefined> {
  if (typeof source !== 'object' || source === null) return fromAuthorization(verifier, source);
  const credential = fromAuthorization(verifier, authorizationOf(verifier, source));
  return verifier.transports === undefined
    ? credential
    : fromSeveral(verifier, source, verifier.transports, credential);
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
  { cookie, query, custom }: TokenTransports,
  credential: string | undefined,
): Awaitable<string | undefined> {
  if (credential !== undefined) requireB64token(verifier, credential);
  const found = [
    credential,
    ...(cookie === undefined ? [] : fromCookies(source, cookie)),
    ...(query === undefined ? [] : fromQuery(source, query)),
  ];
  if (custom === undefined) return onlyOne(verifier, found);
  const answer = askHook(verifier, 'transports.custom', () => custom(source), readCustom);
  return andThen(answer, (own) => onlyOne(verifier, [...found, own]));
}

function onlyOne(
  verifier: TokenVerifier,
  found: readonly (string | undefined)[],
): string | undefined {
  const [credential, ...others] = found.filter((candidate) => candidate !== undefined);
  if (others.length > 0) throw malformed(verifier);
  return credential;
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
  const header = isFetchRequest(request)
    ? request.headers.get('cookie')
    : request.headers['cookie'];
  const values = readCookies(typeof header === 'string' ? header : '', name);
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

function isFetchRequest(request: BearerRequest): request is FetchRequest {
  return typeof request.headers.get === 'function';
}

function malformed(verifier: TokenVerifier): unknown {
  return reported(
    verifier,
    new InvalidRequestError('request_malformed', { space: verifier.space }),
  );
}
