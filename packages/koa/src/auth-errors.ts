// The end of a login in Koa that was refused: answers what issueTokenPair and its kin throw.

import { checkOptions, problemResponse } from '@tokenpair/core/adapter';
import type Koa from 'koa';

import { refuse } from './respond.js';

/**
 * Koa middleware that answers tokenpair's own errors, thrown behind it, as `application/problem+json`. Every other error
 * goes on as it was. Use it before the routes.
 *
 * @throws TypeError it was given an option, of which it has none, or was passed to `app.use` without being called.
 */
export function authErrors(options: Readonly<Record<string, never>> = {}): Koa.Middleware {
  checkOptions('authErrors', options, []);
  return async function respondToAuthErrors(ctx, next) {
    try {
      await next();
    } catch (error) {
      refuse(error, ctx, 'respond', problemResponse);
    }
  };
}
