// Documents at the root of a host. RFC 8615, RFC 8414 §3.1, RFC 9728 §3.1

import { documentResponse, protectedResourceMetadata } from './documents.js';
import type { ProtectedResourceOptions } from './documents.js';
import type { EndpointRequest } from './endpoint-request.js';
import type { HttpResponse } from '../lib/http-response.js';
import { matchRoute } from './router.js';

/** The path of a document about an identifier: the well-known part comes before the identifier's own path. */
export function wellKnownPath(document: string, identifier: string): string {
  const path = URL.canParse(identifier) ? new URL(identifier).pathname.replace(/\/$/, '') : '';
  return `/.well-known/${document}${path}`;
}

/** The document of a protected resource, for any framework. */
export interface ProtectedResource {
  /** The response at the root of the host; `undefined` for another path. */
  readonly handleRoot: (
    request: Omit<EndpointRequest, 'body'>,
  ) => Promise<HttpResponse | undefined>;
}

/**
 * Creates the RFC 9728 document of a resource. Put its URL into the verifier's option `resourceMetadata`.
 *
 * @throws TypeError naming the option that is wrong.
 */
export function createProtectedResource(options: ProtectedResourceOptions): ProtectedResource {
  const document = documentResponse(protectedResourceMetadata(options));
  const path = wellKnownPath('oauth-protected-resource', options.resource);
  return {
    async handleRoot(request) {
      return matchRoute({ [path]: { GET: document } }, request.path, request.request.method)
        ?.handler;
    },
  };
}
