// Start of every journey over HTTP: a request as an adapter hands it over.

import type { IncomingMessage } from 'node:http';

/** A request as an adapter hands it over. */
export interface EndpointRequest {
  readonly request: IncomingMessage;
  /** Path below the mount, with a leading slash and without the query. */
  readonly path: string;
  /** What a body parser left, if there was one. */
  readonly body: unknown;
}
