// What every endpoint is: a request and an issuer to an answer, or a typed refusal.

import type { TokenIssuer } from '../create-token-issuer.js';
import type { HttpResponse } from '../lib/http-response.js';
import type { ClientAuthentication } from './authenticate-client.js';
import type { EndpointRequest } from './endpoint-request.js';
import type { RefreshTransport } from './refresh-transport.js';

/** What the endpoints of one mount share. */
export interface EndpointContext {
  readonly tokens: TokenIssuer;
  readonly transport: RefreshTransport;
  readonly authenticateClient: ClientAuthentication | undefined;
}

/** @throws AuthError whatever is refused; the adapter answers it or hands it on. */
export type Endpoint = (
  context: EndpointContext,
  request: EndpointRequest,
  /** What stood in the path where the route has `:id`. */
  id: string,
) => HttpResponse | Promise<HttpResponse>;
