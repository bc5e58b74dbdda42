// Leaf of every journey: the header of a request, whether Node or a Fetch server made it.

/** What Node's `IncomingMessage` and `Http2ServerRequest` have of what we read. */
export interface NodeHeaders {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What a Fetch `Request` has of what we read. */
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
