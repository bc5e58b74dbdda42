// The type of an endpoint: from an issuer and a request to a response, or a typed error.

import type { IncomingMessage } from 'node:http';

import type { TokenIssuer } from '../create-token-issuer.js';
import type { HttpResponse } from '../lib/http-response.js';
import type { ClientAuthentication } from './authenticate-client.js';
import type { LegacyExchange } from './legacy-tokens.js';
import type { RefreshLimit } from './refresh-limit.js';
import type { RefreshTransport } from './refresh-transport.js';
import type { EndpointRequest } from './router.js';

/** What the endpoints of one mount share. */
export interface EndpointContext {
  readonly tokens: TokenIssuer;
  readonly transport: RefreshTransport;
  readonly authenticateClient: ClientAuthentication | undefined;
  readonly limit: RefreshLimit;
  readonly legacy: LegacyExchange | undefined;
  /** Seconds within which the user must have been authenticated to end other sessions. */
  readonly freshWithin: number | undefined;
  /** What the application says of a request: the option `requestContext`. */
  readonly describe: (request: IncomingMessage) => unknown;
}

/** @throws AuthError the request is refused; the adapter responds with it, or passes it on. */
export type Endpoint = (
  context: EndpointContext,
  request: EndpointRequest,
  /** The part of the path at `:id`. */
  id: string,
) => HttpResponse | Promise<HttpResponse>;
