// Express error handler for the errors of tokenpair that are thrown in a route. RFC 9457

import { checkOptions, problemResponse, requireCall } from '@tokenpair/core/adapter';
import type { ErrorRequestHandler } from 'express';

import { handleError } from './respond.js';

/**
 * Creates an Express error handler that answers errors of tokenpair as `application/problem+json`, and passes other errors
 * to the next error handler. Mount it after the routes: `app.use(authErrors())`.
 *
 * @param options - none yet.
 * @throws TypeError an option was given, or `authErrors` was passed to `app.use` without being called.
 */
export function authErrors(options: Readonly<Record<string, never>> = {}): ErrorRequestHandler {
  requireCall('authErrors', options, 'app.use(authErrors())');
  checkOptions('authErrors', options, []);
  return function respondToAuthError(error: unknown, _req, res, next) {
    handleError(error, res, next, 'respond', problemResponse);
  };
}
