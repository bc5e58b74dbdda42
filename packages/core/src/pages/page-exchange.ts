// A request for a page, and what its answer is written to, for any framework on Node.

import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request for a page. An adapter makes one from what the framework gives it. */
export interface PageExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as the browser sent them, also behind a mount that has taken a part of the path away. */
  readonly url: string;
  /** The parsed form; `undefined` where no parser has run. */
  readonly body: unknown;
}
