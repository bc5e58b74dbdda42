// The request of an endpoint, as adapters pass it.

import type { IncomingMessage } from 'node:http';

/** A request as an adapter passes it. */
export interface EndpointRequest {
  readonly request: IncomingMessage;
  /** Path below the mount, with a leading slash and without the query. */
  readonly path: string;
  /** The body that a body parser has left; `undefined` without one. */
  readonly body: unknown;
}
