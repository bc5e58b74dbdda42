// On the guard journey and, for the access token sent along, on refresh: text to header and payload. RFC 7515 §7.1

import { isBase64url } from './base64url.js';
import { isObject } from './options.js';

/** A signed token cut into its parts; nothing in it is believed yet. */
export interface CompactJws {
  /** `undefined` when the segment is not a JSON object in UTF-8. */
  readonly header: Readonly<Record<string, unknown>> | undefined;
  readonly encodedPayload: string;
}

/** A token is a header field, which servers bound at 16 KB in all. */
export const maxTokenLength = 8_192;

/** Cuts a token into its parts; `undefined` when it is too long or not three canonical base64url segments. */
export function parseCompactJws(token: string): CompactJws | undefined {
  if (token.length > maxTokenLength) return undefined;
  const [header = '', encodedPayload = '', signature = '', ...more] = token.split('.', 4);
  const isCanonical = [header, encodedPayload, signature].every(isBase64url);
  if (!isCanonical || more.length > 0) return undefined;
  return { header: parseJsonObject(header), encodedPayload };
}

// A byte order mark stays in the text, so that JSON.parse refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON object that a segment encodes, or `undefined`. */
export function parseJsonObject(segment: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(segment, 'base64url')));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
