// Start of the guard journey: what a request is to us, whoever made it.

/** What Node's `IncomingMessage` (so Express's and Koa's request too) has of what we read. */
export interface NodeRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as they came: shows a header that was sent twice. */
  readonly rawHeaders?: readonly string[];
  readonly url?: string | undefined;
}

/** What a Fetch `Request` has of what we read. */
export interface FetchRequest {
  readonly headers: { get(name: string): string | null };
  readonly url?: string;
}

export type BearerRequest = NodeRequest | FetchRequest;

/** A request, or the bare value of its `Authorization` header; `null` and `undefined` say that there was none. */
export type BearerSource = BearerRequest | string | null | undefined;
