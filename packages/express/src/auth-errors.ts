// The end of a login in Express that was refused: an error handler for what issueTokenPair and its kin throw.

import { checkOptions, problemResponse } from '@tokenpair/core/adapter';
import type { ErrorRequestHandler } from 'express';

import { refuse } from './respond.js';

/**
 * Express error handler that answers tokenpair's own errors, thrown in a route, as `application/problem+json`. Every
 * other error goes on to the next handler. Mount it after the routes.
 *
 * @throws TypeError it was given an option, of which it has none, or was passed to `app.use` without being called.
 */
export function authErrors(options: Readonly<Record<string, never>> = {}): ErrorRequestHandler {
  checkOptions('authErrors', options, []);
  return function respondToAuthError(error: unknown, _req, res, next) {
    refuse(error, res, next, 'respond', problemResponse);
  };
}
