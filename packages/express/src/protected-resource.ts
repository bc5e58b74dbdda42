// Beside the guard journey in Express: the document that tells a client where to get a token.

import {
  createProtectedResource,
  tokenErrorResponse,
  type ProtectedResourceOptions,
} from '@tokenpair/core/adapter';
import type { RequestHandler } from 'express';

import { answering } from './respond.js';

/**
 * The RFC 9728 document of a resource, at its place at the root of the host. Give its URL to the verifier as
 * `resourceMetadata`, and every challenge points to it.
 *
 * @throws TypeError naming the option that is wrong.
 */
export function protectedResource(options: ProtectedResourceOptions): RequestHandler {
  const { handleRoot } = createProtectedResource(options);
  return answering(handleRoot, 'respond', (_request, error) => tokenErrorResponse(error));
}
