// Express middleware for the metadata document of a protected resource. RFC 9728

import {
  createProtectedResource,
  requireCall,
  tokenErrorResponse,
  type ProtectedResourceOptions,
} from '@tokenpair/core/adapter';
import type { RequestHandler } from 'express';

import { answering } from './respond.js';

/**
 * Creates middleware that answers the metadata document of a protected resource below `/.well-known/`. Mount it at the root of
 * the host. Give the URL of the document to the verifier as `resourceMetadata`: then every challenge contains it.
 *
 * @throws TypeError an option is wrong; the message names it.
 * @see RFC 9728
 */
export function protectedResource(options: ProtectedResourceOptions): RequestHandler {
  requireCall('protectedResource', options, 'app.use(protectedResource(options))');
  const { handleRoot } = createProtectedResource(options);
  return answering(handleRoot, 'respond', (_request, error) => tokenErrorResponse(error));
}
