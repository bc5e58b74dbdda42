// On the guard journey and, for the access token sent along, on refresh: text to its three parts. RFC 7515 §7.1

import { isUtf8 } from 'node:buffer';

import { decodeBase64url, isBase64url } from '../lib/base64url.js';
import { isObject } from '../lib/options.js';
import { parseUniqueJson } from '../lib/unique-json.js';

/** A signed token cut into its parts; nothing in it is believed yet. */
export interface CompactJws {
  /** As it was sent: tokens of one key share it, so whoever knows it need not read it again. */
  readonly encodedHeader: string;
  readonly payload: Buffer;
}

/** A token is a header field, which servers bound at 16 KB in all. */
export const maxTokenLength = 8_192;

/**
 * Cuts a token into its parts; `undefined` when it is too long or not three canonical base64url segments. Under ECDSA a
 * token has two such texts: with the signature (r, s), (r, n - s) is one too.
 */
export function parseCompactJws(token: string): CompactJws | undefined {
  if (token.length > maxTokenLength) return undefined;
  const headerEnd = token.indexOf('.');
  const payloadEnd = token.indexOf('.', headerEnd + 1);
  if (headerEnd < 0 || payloadEnd < 0) return undefined;
  const encodedHeader = token.slice(0, headerEnd);
  const payload = decodeBase64url(token.slice(headerEnd + 1, payloadEnd));
  const isCanonical =
    payload !== undefined && isBase64url(encodedHeader) && isBase64url(token.slice(payloadEnd + 1));
  return isCanonical ? { encodedHeader, payload } : undefined;
}

/** The JSON object that is written in a segment, or `undefined`. Duplicate members make it none. RFC 7519 §4 */
export function parseJsonObject(segment: Buffer): Record<string, unknown> | undefined {
  if (!isUtf8(segment)) return undefined;
  try {
    // A byte order mark stays in the text, and is refused as no JSON.
    const value = parseUniqueJson(segment.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
