// Where the journeys meet HTTP: which endpoint a request is for. Adapters mount it and translate.

import type { TokenIssuer } from '../create-token-issuer.js';
import { InvalidRequestError } from '../errors.js';
import { jsonResponse, type HttpResponse } from '../http-response.js';
import { tokenResponse, type TokenPair } from '../issue/token-pair.js';
import { checkOptions, requireOneOf } from '../options.js';
import type { Endpoint, EndpointRequest } from './endpoint.js';
import { logout } from './logout.js';
import { refresh } from './refresh.js';
import { deleteSession, getSessions, logoutAll } from './sessions.js';

export interface TokenEndpointOptions {
  /** How refresh tokens travel: `'body'`, in JSON or form in and JSON out. @defaultValue `'body'` */
  readonly transport?: 'body' | undefined;
}

/** The endpoints of an issuer, for any framework. */
export interface TokenEndpoints {
  /**
   * Answers a request, or `undefined` when its path is none of ours.
   *
   * @throws AuthError whatever is refused; answer it with {@link tokenErrorResponse}.
   */
  handle(request: EndpointRequest): Promise<HttpResponse | undefined>;
  /** The answer that hands a fresh pair to the client, after a login. */
  deliver(pair: TokenPair): HttpResponse;
}

const routes: Readonly<Record<string, Readonly<Record<string, Endpoint>>>> = {
  '/refresh': { POST: refresh },
  '/logout': { POST: logout },
  '/logout-all': { POST: logoutAll },
  '/sessions': { GET: getSessions },
  '/sessions/:id': { DELETE: deleteSession },
};

const tokenEndpointOptionNames = ['transport'];

/** Checks options and binds the endpoints to an issuer. */
export function createTokenEndpoints(
  tokens: TokenIssuer,
  options: TokenEndpointOptions = {},
): TokenEndpoints {
  checkOptions('tokenEndpoints', options, tokenEndpointOptionNames);
  const { transport = 'body' } = options;
  requireOneOf('transport', transport, ['body']);
  return {
    async handle(request) {
      const { route, id } = match(request.path);
      const methods = Object.hasOwn(routes, route) ? routes[route] : undefined;
      if (methods === undefined) return undefined;
      return endpointFor(methods, request.request.method)(tokens, request, id);
    },
    deliver: (pair) => jsonResponse(200, tokenResponse(pair)),
  };
}

function match(path: string): { readonly route: string; readonly id: string } {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  const id = /^\/sessions\/([^/]+)$/.exec(trimmed)?.[1];
  return id === undefined ? { route: trimmed, id: '' } : { route: '/sessions/:id', id };
}

function endpointFor(
  methods: Readonly<Record<string, Endpoint>>,
  method: string | undefined,
): Endpoint {
  const asked = method === 'HEAD' ? 'GET' : (method ?? '');
  const endpoint = Object.hasOwn(methods, asked) ? methods[asked] : undefined;
  if (endpoint !== undefined) return endpoint;
  const allow = Object.keys(methods).flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
  throw new InvalidRequestError('method_not_allowed', { allow: allow.join(', ') });
}
