// What a framework adapter needs beside the main entry. An adapter moves values and decides nothing.

export { createRequestAuthenticator } from './verify/request-authenticator.js';
export type {
  AuthenticationOptions,
  RequestAuthenticator,
  ServerRequest,
} from './verify/request-authenticator.js';
export { createRouteGuards } from './verify/route-guards.js';
export type { RouteGuards } from './verify/route-guards.js';
export { requireCall } from './verify/require-call.js';
export { guardAnyScope, guardCheck, guardClaim, guardScopes } from './verify/require-scopes.js';
export type { Guard } from './verify/require-scopes.js';
export { createTokenEndpoints } from './endpoints/token-endpoints.js';
export type { TokenEndpointOptions, TokenEndpoints } from './endpoints/token-endpoints.js';
export { createProtectedResource } from './endpoints/well-known.js';
export type { ProtectedResource } from './endpoints/well-known.js';
export type { ProtectedResourceOptions } from './endpoints/documents.js';
export type { EndpointRequest } from './endpoints/endpoint-request.js';
export { problemResponse, tokenErrorResponse } from './errors/error-response.js';
export type { HttpResponse } from './lib/http-response.js';
export { checkOptions } from './lib/options.js';
