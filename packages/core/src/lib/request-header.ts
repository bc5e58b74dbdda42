// Reads a header of a request of Node or of a Fetch server.

/** The part of Node's `IncomingMessage` and `Http2ServerRequest` that is read. */
export interface NodeHeaders {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The part of a Fetch `Request` that is read. */
export interface FetchHeaders {
  readonly headers: { get(name: string): string | null };
}

/** The value of a header by its lower-case name; several lines are joined with a comma, as Fetch joins them. */
export function headerOf(request: NodeHeaders | FetchHeaders, name: string): string | undefined {
  if (isFetchRequest(request)) return request.headers.get(name) ?? undefined;
  const value = request.headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

export function isFetchRequest(request: NodeHeaders | FetchHeaders): request is FetchHeaders {
  return typeof request.headers.get === 'function';
}
