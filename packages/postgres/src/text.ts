// Any text as Postgres can hold it.

import { createHash } from 'node:crypto';

/** A text of Postgres cannot hold a NUL, so control characters, quotes and backslashes are escaped as in JSON. */
export function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** @throws SyntaxError the text is not one that {@link escapeText} wrote. */
export function unescapeText(text: string): string {
  return String(JSON.parse(`"${text}"`));
}

/** Stands for a text that is too long for the key of an index: 96 bits of its SHA-256, as 16 characters. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
