// The end of a login in Koa that was refused: answers what issueTokenPair and its kin throw.

import { problemResponse } from '@tokenpair/core';
import type Koa from 'koa';

import { refuse } from './respond.js';

/**
 * Koa middleware that answers tokenpair's own errors, thrown behind it, as `application/problem+json`. Every other error
 * goes on as it was. Use it before the routes.
 */
export function authErrors(): Koa.Middleware {
  return async function respondToAuthErrors(ctx, next) {
    try {
      await next();
    } catch (error) {
      refuse(error, ctx, 'respond', problemResponse);
    }
  };
}
