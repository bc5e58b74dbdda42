// The public names of @tokenpair/express.

export { bearer } from './bearer.js';
export type { Bearer, BearerOptions, Middleware, OptionalBearer } from './bearer.js';
export { tokenEndpoints } from './token-endpoints.js';
export type { ExpressTokenEndpointOptions, ExpressTokenEndpoints } from './token-endpoints.js';
export { pages } from './pages.js';
export type { ExpressPages, ExpressPagesOptions, PageGuard } from './pages.js';
export { protectedResource } from './protected-resource.js';
export { authErrors } from './auth-errors.js';
export type { OnError } from './respond.js';
