// Beside the guard journey in Koa: the document that tells a client where to get a token.

import {
  createProtectedResource,
  tokenErrorResponse,
  type ProtectedResourceOptions,
} from '@tokenpair/core/adapter';
import type Koa from 'koa';

import { answering } from './respond.js';

/**
 * The RFC 9728 document of a resource, at its place at the root of the host. Give its URL to the verifier as
 * `resourceMetadata`, and every challenge points to it.
 *
 * @throws TypeError naming the option that is wrong.
 */
export function protectedResource(options: ProtectedResourceOptions): Koa.Middleware {
  const { handleRoot } = createProtectedResource(options);
  return answering(handleRoot, { mount: '', onError: 'respond' }, (_request, error) =>
    tokenErrorResponse(error),
  );
}
