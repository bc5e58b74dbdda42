// On the guard journey: request to the one token that it carries. RFC 6750 §2

import { InvalidRequestError } from '../errors.js';
import { callHook } from '../hooks.js';
import { readCookies } from '../cookies.js';
import type { BearerRequest, BearerSource, FetchRequest } from './bearer-request.js';
import type { TokenVerifier } from './token-verifier.js';

/**
 * Finds the bearer credential of a request.
 *
 * @returns the token, or `undefined` when the request carries none (another scheme is none).
 * @throws {@link InvalidRequestError} (400) the credential is malformed, or there are several.
 */
export async function extractBearer(
  verifier: TokenVerifier,
  source: BearerSource,
): Promise<string | undefined> {
  if (typeof source !== 'object' || source === null) return fromAuthorization(verifier, source);
  const { cookie, query, custom } = verifier.transports;
  const found = [
    fromAuthorization(verifier, authorizationOf(verifier, source)),
    ...(cookie === undefined ? [] : fromCookies(source, cookie)),
    ...(query === undefined ? [] : fromQuery(source, query)),
  ];
  if (custom !== undefined) {
    found.push(
      await callHook(verifier.hooks, 'transports.custom', () => custom(source), readCustom),
    );
  }
  const [token, ...others] = found.filter((candidate) => candidate !== undefined);
  if (others.length > 0) throw malformed(verifier);
  if (token !== undefined && !b64token.test(token)) throw malformed(verifier);
  return token;
}

const bearerScheme = /^bearer(?![\w!#$%&'*+.^`|~-])/i;
const bearerCredential = /^bearer +(\S+)$/i;
const b64token = /^[A-Za-z0-9._~+/-]+=*$/;

function fromAuthorization(
  verifier: TokenVerifier,
  value: string | null | undefined,
): string | undefined {
  if (typeof value !== 'string' || !bearerScheme.test(value)) return undefined;
  const token = bearerCredential.exec(value)?.[1];
  if (token === undefined || !b64token.test(token)) throw malformed(verifier);
  return token;
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
    if (name?.length === 13 && name.toLowerCase() === 'authorization') lines += 1;
  }
  return lines;
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

function malformed(verifier: TokenVerifier): InvalidRequestError {
  return new InvalidRequestError('request_malformed', { space: verifier.space });
}
