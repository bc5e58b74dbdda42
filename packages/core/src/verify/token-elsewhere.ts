// Finds out for the developer why a request without a bearer credential may have none: something else in it looks like a token.

import { refreshTokenPrefix } from '../lib/refresh-token-prefix.js';
import { headerOf } from '../lib/request-header.js';
import type { BearerRequest, BearerSource } from './bearer-request.js';
import type { TokenVerifier } from './token-verifier.js';

// Header and payload of a JWT are objects, so both begin with `{"` or `{` and a space.
const jwt = String.raw`e[wy][\w-]+\.e[wy][\w-]+\.[\w-]*`;
const bareJwt = new RegExp(`^\\s*"?${jwt}"?\\s*$`);
const schemeAndJwt = new RegExp(`^\\s*([\\w-]+)[: ]+"?${jwt}"?\\s*$`);
// Without the question mark in the second class, a URL of many of them takes half a second.
const queryWithToken = new RegExp(
  `[?&](?:access_token=.|[^?=&#]+=(?:bearer(?:%20|\\+))?${jwt})`,
  'i',
);
// It begins where a word begins: otherwise a long value of many `ey` takes long.
const anyJwt = new RegExp(`(?<![\\w-])${jwt}`);
const refreshToken = new RegExp(`^bearer +${refreshTokenPrefix}`, 'i');
const withoutSpace = new RegExp(`^bearer[_-]?${jwt}`, 'i');
const wellFormed = /^bearer +[\w.~+/-]+=*$/i;
const emptyVariable =
  /^bearer +["'`]?(?:undefined|null|nan|none|\[object \w+\]|\$?\{.*\}|<\w+>)["'`]?$/i;
/** Only with a JWT: they have other uses. */
const headersWithJwt = [
  'accesstoken',
  'authentication',
  'bearer',
  'id-token',
  'jwt',
  'proxy-authorization',
  'sec-websocket-protocol',
  'x-api-key',
  'x-forwarded-access-token',
  'x-forwarded-authorization',
  'x-jwt-token',
  'x-token',
];
const headersOfOthers = [
  'x-access-token',
  'x-auth-token',
  'x-id-token',
  'x-authorization',
  'x-jwt',
  'access-token',
  'access_token',
  'auth-token',
  'token',
];

/** The probable mistake and its cure, without text of the request; `undefined` when nothing looks like a token. */
export function hintAtToken(
  source: BearerSource,
  { header, cookie, query }: Partial<NonNullable<TokenVerifier['transports']>> = {},
): string | undefined {
  if (typeof source === 'string') return hintAtAuthorization(source, 'argument');
  if (typeof source !== 'object' || source === null) return undefined;
  const authorization = headerOf(source, 'authorization') ?? '';
  const isIgnored = header === false && schemeAndJwt.test(authorization);
  return (
    (isIgnored ? headerIsOff : hintAtAuthorization(authorization, 'header')) ??
    hintAtUrl(source, query) ??
    hintAtHeaders(source) ??
    (cookie === undefined && hasJwt(headerOf(source, 'cookie'))
      ? 'A cookie of the request looks like a token. Cookies are read only with the option transports: { cookie: name } of the verifier.'
      : undefined)
  );
}

/** The probable mistake in a credential that is malformed or no JWT, without text of the request. */
export function hintAtCredential(
  source: BearerSource,
  { header }: Partial<NonNullable<TokenVerifier['transports']>> = {},
): string | undefined {
  const isText = typeof source === 'string';
  if (!isText && (typeof source !== 'object' || source === null || header === false))
    return undefined;
  const value = (isText ? source : (headerOf(source, 'authorization') ?? '')).trim();
  if (refreshToken.test(value)) {
    return 'A refresh token was sent as access token. Send the access_token of the last answer.';
  }
  if (!wellFormed.test(value) && anyJwt.test(value)) return notWellFormed;
  return emptyVariable.test(value) ? variableWasEmpty : undefined;
}

const variableWasEmpty =
  'Authorization has a word like undefined or null in place of the token: a variable of the client was empty.';

const notWellFormed =
  'Authorization has a token that is not written as Bearer <token>: one space between them, no quotation marks, and nothing before and after.';

const headerIsOff =
  'Authorization has a token, but the option transports: { header: false } of the verifier ignores that header.';

function hintAtAuthorization(value: string, place: 'argument' | 'header'): string | undefined {
  if (bareJwt.test(value)) {
    return place === 'argument'
      ? 'verifyBearer got a token without a scheme: as text it takes the value of Authorization. Pass `Bearer ${token}`.'
      : 'Authorization has a token without a scheme. Send Authorization: Bearer <token>.';
  }
  if (withoutSpace.test(value)) return notWellFormed;
  if (/^(?:undefined|null)$/.test(value.trim())) return variableWasEmpty;
  const [, scheme] = schemeAndJwt.exec(value) ?? [];
  if (scheme === undefined || /^(?:bearer|authorization)$/i.test(scheme)) {
    return anyJwt.test(value) ? notWellFormed : undefined;
  }
  return scheme.toLowerCase() === 'dpop'
    ? 'The token was sent as DPoP, and bound tokens are not supported. Request a bearer token.'
    : 'Authorization has a token behind another scheme than Bearer. Send Authorization: Bearer <token>.';
}

function hintAtUrl({ url = '' }: BearerRequest, query: string | undefined): string | undefined {
  if (!queryWithToken.test(url)) return undefined;
  const cure =
    query === undefined
      ? 'The query is read only with the option transports: { query: name } of the verifier; URLs end up in logs.'
      : `The verifier reads the parameter ${query} only.`;
  return `A parameter of the URL looks like a token. Send Authorization: Bearer <token>. ${cure}`;
}

function hintAtHeaders(request: BearerRequest): string | undefined {
  const name =
    headersOfOthers.find((other) => headerOf(request, other) !== undefined) ??
    headersWithJwt.find((other) => hasJwt(headerOf(request, other)));
  if (name === undefined) return undefined;
  return `The header ${name} is not read. Send Authorization: Bearer <token>, or read it with the option transports: { custom } of the verifier.`;
}

/** Whether a value has a JWT: as it is, after a scheme, signed, in JSON, with some characters encoded. */
function hasJwt(value = ''): boolean {
  return anyJwt.test(value.replace(/%[\dA-F]{2}/gi, ' '));
}
