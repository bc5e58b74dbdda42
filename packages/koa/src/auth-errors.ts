// Koa middleware that answers the errors of tokenpair thrown by later middleware. RFC 9457

import { checkOptions, problemResponse, requireCall } from '@tokenpair/core/adapter';
import type Koa from 'koa';

import { handleError } from './respond.js';

/**
 * Creates Koa middleware that answers errors of tokenpair, thrown by later middleware, as `application/problem+json`. Throws
 * every other error again. Use it before the routes: `app.use(authErrors())`.
 *
 * @param options - none yet.
 * @throws TypeError an option was given, or `authErrors` was passed to `app.use` without being called.
 */
export function authErrors(options: Readonly<Record<string, never>> = {}): Koa.Middleware {
  requireCall('authErrors', options, 'app.use(authErrors())');
  checkOptions('authErrors', options, []);
  return async function respondToAuthErrors(ctx, next) {
    try {
      await next();
    } catch (error) {
      handleError(error, ctx, 'respond', problemResponse);
    }
  };
}
