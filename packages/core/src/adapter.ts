// What a framework adapter needs beside the main entry. An adapter moves values and decides nothing.

export { createRequestAuthenticator, requireCall } from './verify/request-authenticator.js';
export type {
  AuthenticationOptions,
  RequestAuthenticator,
  ServerRequest,
} from './verify/request-authenticator.js';
export {
  createRouteGuards,
  guardAnyScope,
  guardCheck,
  guardClaim,
  guardScopes,
} from './verify/guards.js';
export type { Guard, RouteGuards } from './verify/guards.js';
export { guardAcr, guardFresh } from './verify/require-fresh.js';
export { createTokenEndpoints } from './endpoints/token-endpoints.js';
export type { TokenEndpointOptions, TokenEndpoints } from './endpoints/token-endpoints.js';
export { createProtectedResource } from './endpoints/documents.js';
export type { ProtectedResource, ProtectedResourceOptions } from './endpoints/documents.js';
export { createPages } from './pages/pages.js';
export type { Pages } from './pages/pages.js';
export type { PageExchange } from './pages/page-exchange.js';
export type { PagesOptions } from './pages/page-options.js';
export type { PageCookieNames } from './pages/page-cookies.js';
export type { LegacyTokens } from './endpoints/legacy-tokens.js';
export type { LoginOptions } from './endpoints/login.js';
export type { EndpointRequest } from './endpoints/router.js';
export { problemResponse, tokenErrorResponse } from './errors/error-response.js';
export { settingsOf } from './token-settings.js';
export type { TokenSettings } from './token-settings.js';
export type { HttpResponse } from './lib/http-response.js';
export { checkOptions } from './lib/options.js';
