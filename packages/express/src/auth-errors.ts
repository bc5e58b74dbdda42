// The end of a login in Express that was refused: an error handler for what issueTokenPair and its kin throw.

import { problemResponse } from '@tokenpair/core';
import type { ErrorRequestHandler } from 'express';

import { refuse } from './respond.js';

/**
 * Express error handler that answers tokenpair's own errors, thrown in a route, as `application/problem+json`. Every
 * other error goes on to the next handler. Mount it after the routes.
 */
export function authErrors(): ErrorRequestHandler {
  return function respondToAuthError(error: unknown, _req, res, next) {
    refuse(error, res, next, 'respond', problemResponse);
  };
}
