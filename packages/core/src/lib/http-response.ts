// An HTTP answer as plain values, for any framework to send.

/** An HTTP response as plain values. Adapters send it as it is. */
export interface HttpResponse {
  readonly status: number;
  /** Names in the usual case; a value that is an array is one header line each. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** JSON text; absent when there is no body. */
  readonly body?: string;
}

/** JSON that no cache may keep. */
export function jsonResponse(
  status: number,
  value: object,
  headers: HttpResponse['headers'] = {},
): HttpResponse {
  return {
    status,
    headers: { 'Cache-Control': 'no-store', ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(value),
  };
}

export function emptyResponse(headers: HttpResponse['headers'] = {}): HttpResponse {
  return { status: 204, headers: { 'Cache-Control': 'no-store', ...headers } };
}
