// What counts as an answer of the server: a pair, a refusal, or "no session". All else is made by proxies, portals and service
// workers, and says nothing.

import type { Refusal } from './types.js';

/** A token pair as the server writes it. RFC 6749 §5.1 */
export interface Pair {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly expires_in?: number;
  readonly refresh_expires_in?: number;
  readonly session_id?: string;
}

export interface Answer {
  readonly status: number;
  /** The members of the JSON, if there is one. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly pair?: Pair;
  readonly refusal?: Refusal;
  /** Status and media type: nothing else of an answer reaches an error or an event. */
  readonly cause: string;
}

export async function readAnswer(response: Response): Promise<Answer> {
  const { status, ok } = response;
  // The body is read in any case, so that the connection is free again.
  const text = await response.text();
  const json = isJson(response) ? parse(text) : {};
  const isText = (name: string) => typeof json[name] === 'string';
  return {
    status,
    json,
    cause: `${status} ${typeOf(response)}`,
    ...(ok && isText('access_token') && { pair: json as unknown as Pair }),
    ...(status >= 400 &&
      isText('code') &&
      isText('action') && { refusal: { ...json, status } as unknown as Refusal }),
  };
}

export function isJson(response: Response): boolean {
  return /^application\/(.+\+)?json *$/i.test(typeOf(response));
}

/** The media type, without its parameters. */
function typeOf({ headers }: Response): string {
  return (headers.get('content-type') ?? '').split(';')[0] as string;
}

/** The object in a JSON text; empty when there is none. */
export function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    return {};
  }
}
