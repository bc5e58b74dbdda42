// Asks the application what it wants to know of a request: the option `requestContext`.

import type { IncomingMessage } from 'node:http';

import type { Emit } from './events.js';
import { isThenable } from './hooks.js';

/** What the application says of a request. Neither a failure nor a promise changes the outcome of the request. */
export type RequestContext = (request: IncomingMessage) => unknown;

/** Calls `requestContext`. A mistake in a function that only describes must not sign users out. */
export function describeRequest(
  emit: Emit,
  requestContext: RequestContext | undefined,
  request: IncomingMessage,
): unknown {
  try {
    const described = requestContext?.(request);
    if (!isThenable(described)) return described;
    // An unhandled rejection would end the process.
    void Promise.resolve(described).catch(() => undefined);
    throw new TypeError('requestContext must return a value, not a promise');
  } catch (cause) {
    emit({ type: 'hook.failed', hook: 'requestContext', cause });
    return undefined;
  }
}
