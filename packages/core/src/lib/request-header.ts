// Reads a header of a request of Node or of a Fetch server.

/** The part of Node's `IncomingMessage` and `Http2ServerRequest` that is read. Other objects may write names in any case. */
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
  const lines = headerLines(request, name);
  return lines.length === 0 ? undefined : lines.join(', ');
}

/**
 * The lines of a header by its lower-case name. An event of a cloud function, for example, has names as the client wrote them; two
 * spellings of one name are two lines.
 */
export function headerLines(request: NodeHeaders, name: string): readonly string[] {
  // In an event of AWS Lambda it may be null.
  const headers = request.headers ?? {};
  const value = headers[name];
  const others = Object.keys(headers).filter(
    (other) => other !== name && other.length === name.length && other.toLowerCase() === name,
  );
  return [value, ...others.map((other) => headers[other])].flat().filter(isText);
}

const isText = (value: unknown): value is string => typeof value === 'string';

export function isFetchRequest(request: NodeHeaders | FetchHeaders): request is FetchHeaders {
  return typeof request.headers?.get === 'function';
}
