// The public names of @tokenpair/koa.

export { bearer } from './bearer.js';
export type { AuthState, Bearer, BearerOptions, OptionalBearer } from './bearer.js';
export { tokenEndpoints } from './token-endpoints.js';
export type { KoaTokenEndpointOptions, KoaTokenEndpoints } from './token-endpoints.js';
export { pages } from './pages.js';
export type { KoaPages, KoaPagesOptions, PageGuard } from './pages.js';
export { protectedResource } from './protected-resource.js';
export { authErrors } from './auth-errors.js';
export type { Context, OnError } from './respond.js';
