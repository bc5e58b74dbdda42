// Finds the endpoint of a request by path and method.

import { InvalidRequestError } from '../errors/errors.js';

/** Handlers by path and method. A path may end in `/:id`. */
export type Routes<Handler> = Readonly<Record<string, Readonly<Record<string, Handler>>>>;

export interface Match<Handler> {
  readonly handler: Handler;
  /** The part of the path at `:id`; empty when the route has none. */
  readonly id: string;
}

/**
 * Finds the handler of a request; `undefined` when no route has its path.
 *
 * A slash at the end of the path is ignored, and `HEAD` is `GET` without the body in the response.
 *
 * @throws {@link InvalidRequestError} (405, with `Allow`) a route has the path, but not the method.
 */
export function matchRoute<Handler>(
  routes: Routes<Handler>,
  path: string,
  method = 'GET',
): Match<Handler> | undefined {
  const exact = withoutSlash(path);
  const slash = exact.lastIndexOf('/');
  const withId = `${exact.slice(0, slash)}/:id`;
  const route = Object.hasOwn(routes, exact) ? exact : withId;
  const methods = Object.hasOwn(routes, route) ? routes[route] : undefined;
  if (methods === undefined) return undefined;
  const asked = method === 'HEAD' ? 'GET' : method;
  const handler = Object.hasOwn(methods, asked) ? methods[asked] : undefined;
  if (handler === undefined) throw methodNotAllowed(Object.keys(methods));
  return { handler, id: route === exact ? '' : exact.slice(slash + 1) };
}

/** A path without a slash at its end, as routes are written. */
export function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function methodNotAllowed(methods: readonly string[]): InvalidRequestError {
  const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return new InvalidRequestError('method_not_allowed', { headers: { Allow: allowed.join(', ') } });
}
