// Splits a compact JWS into its parts and parses the JSON in them. RFC 7515 §7.1

import { isUtf8 } from 'node:buffer';

import { decodeBase64url } from '../lib/base64url.js';
import { isObject } from '../lib/options.js';
import { parseUniqueJson } from '../lib/unique-json.js';

/** The decoded parts of a signed token. None of them has been verified. */
export interface CompactJws {
  readonly header: Buffer;
  readonly payload: Buffer;
  readonly signature: Buffer;
  /** The text that the signature covers. RFC 7515 §2 */
  readonly signingInput: string;
}

/** Maximum length of an access token, unless a verifier says otherwise: servers limit all header fields together to 16 KB. */
export const maxTokenLength = 8_192;

/** The parts of a token; `undefined` if it is too long or is not three canonical base64url segments. */
export function parseCompactJws(token: string, maxLength: number): CompactJws | undefined {
  if (token.length > maxLength) return undefined;
  const segments = token.split('.');
  const [header, payload, signature] = segments.map(decodeBase64url);
  if (segments.length !== 3 || !header || !payload || !signature) return undefined;
  return { header, payload, signature, signingInput: token.slice(0, token.lastIndexOf('.')) };
}

/** A JSON object, or `undefined`. Duplicate members are refused. RFC 7519 §4 */
export function parseJsonObject(segment: Buffer): Record<string, unknown> | undefined {
  if (!isUtf8(segment)) return undefined;
  try {
    // A byte order mark stays in the text, and JSON does not allow one.
    const value = parseUniqueJson(segment.toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
