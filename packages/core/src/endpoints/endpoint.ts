// What every endpoint is: a request and an issuer to an answer, or a typed refusal.

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import type { HttpResponse } from '../http-response.js';
import type { ClientAuthentication } from './authenticate-client.js';
import type { RefreshTransport } from './refresh-transport.js';

/** A request as an adapter hands it over. */
export interface EndpointRequest {
  readonly request: IncomingMessage;
  /** Path below the mount, with a leading slash and without the query. */
  readonly path: string;
  /** What a body parser left, if there was one. */
  readonly body: unknown;
}

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
