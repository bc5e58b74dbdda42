// Start of the guard journey: what a request is to us, whoever made it.

import type { FetchHeaders, NodeHeaders } from '../lib/request-header.js';

/** What Node's `IncomingMessage` (so Express's and Koa's request too) has of what we read. */
export interface NodeRequest extends NodeHeaders {
  /** Names and values in turn, as they came: shows a header that was sent twice. */
  readonly rawHeaders?: readonly string[];
  readonly url?: string | undefined;
  /** Without one, a token from a cookie is judged like that of a POST. */
  readonly method?: string | undefined;
}

/** What a Fetch `Request` has of what we read. */
export interface FetchRequest extends FetchHeaders {
  readonly url?: string;
  /** Without one, a token from a cookie is judged like that of a POST. */
  readonly method?: string;
}

export type BearerRequest = NodeRequest | FetchRequest;

/** A request, or the bare value of its `Authorization` header; `null` and `undefined` say that there was none. */
export type BearerSource = BearerRequest | string | null | undefined;
