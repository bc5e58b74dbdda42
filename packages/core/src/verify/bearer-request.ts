// The part of a request that verification reads, for requests of Node and of Fetch.

import type { FetchHeaders, NodeHeaders } from '../lib/request-header.js';

/** The members of Node's `IncomingMessage` that are read. Requests of Express and Koa have them too. */
export interface NodeRequest extends NodeHeaders {
  /** Names and values in turn, in the order of the request. Shows whether a header was sent twice. */
  readonly rawHeaders?: readonly string[];
  readonly url?: string | undefined;
  /** When it is left out, a token from a cookie is checked as in a POST request. */
  readonly method?: string | undefined;
  /** Every line of each header, in an event of AWS Lambda whose `headers` have the last line only. */
  readonly multiValueHeaders?: NodeHeaders['headers'] | null | undefined;
}

/** The members of a Fetch `Request` that are read. */
export interface FetchRequest extends FetchHeaders {
  readonly url?: string;
  /** When it is left out, a token from a cookie is checked as in a POST request. */
  readonly method?: string;
}

export type BearerRequest = NodeRequest | FetchRequest;

/** A request, or the value of its `Authorization` header; `null` and `undefined` mean that the request had none. */
export type BearerSource = BearerRequest | string | null | undefined;
