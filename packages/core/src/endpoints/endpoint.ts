// The type of an endpoint: from an issuer and a request to a response, or a typed error.

import type { TokenIssuer } from '../create-token-issuer.js';
import type { HttpResponse } from '../lib/http-response.js';
import type { ClientAuthentication } from './authenticate-client.js';
import type { RefreshTransport } from './refresh-transport.js';
import type { EndpointRequest } from './router.js';

/** What the endpoints of one mount share. */
export interface EndpointContext {
  readonly tokens: TokenIssuer;
  readonly transport: RefreshTransport;
  readonly authenticateClient: ClientAuthentication | undefined;
}

/** @throws AuthError the request is refused; the adapter responds with it, or passes it on. */
export type Endpoint = (
  context: EndpointContext,
  request: EndpointRequest,
  /** The part of the path at `:id`. */
  id: string,
) => HttpResponse | Promise<HttpResponse>;
