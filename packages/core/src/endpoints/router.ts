// Finds the endpoint of a request by path and method.

import type { IncomingMessage } from 'node:http';

import { InvalidRequestError } from '../errors/errors.js';

/** A request as an adapter passes it. */
export interface EndpointRequest {
  readonly request: IncomingMessage;
  /** Path below the mount, with a leading slash and without the query. */
  readonly path: string;
  /** The body that a body parser has left; `undefined` without one. */
  readonly body: unknown;
}

/** Handlers by path and method. A path may end in `/:id`. */
export type Routes<Handler> = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

/**
 * Finds the handler of a request, and the part of the path at `:id`; `undefined` when no route has its path. A slash at the
 * end of the path is ignored, and `HEAD` is `GET` without the body in the response. Refuses a method that the route lacks.
 */
export function matchRoute<Handler>(
  routes: Routes<Handler>,
  path: string,
  method = 'GET',
): { readonly handler: Handler; readonly id: string } | undefined {
  const exact = withoutSlash(path);
  const slash = exact.lastIndexOf('/');
  const withId = `${exact.slice(0, slash)}/:id`;
  const route = Object.hasOwn(routes, exact) ? exact : withId;
  const methods = Object.hasOwn(routes, route) ? routes[route] : undefined;
  if (methods === undefined) return undefined;
  const asked = method === 'HEAD' ? 'GET' : method;
  const handler = Object.hasOwn(methods, asked) ? methods[asked] : undefined;
  if (handler === undefined) {
    const allowed = Object.keys(methods).flatMap((name) =>
      name === 'GET' ? [name, 'HEAD'] : name,
    );
    throw new InvalidRequestError('method_not_allowed', { headers: { Allow: allowed.join(', ') } });
  }
  return { handler, id: route === exact ? '' : exact.slice(slash + 1) };
}

/** A path without a slash at its end, as routes are written. */
export function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
