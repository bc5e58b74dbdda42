// Any text as Postgres can hold it.

/** A text of Postgres cannot hold a NUL, so control characters, quotes and backslashes are escaped as in JSON. */
export function escapeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** @throws SyntaxError the text is not one that {@link escapeText} wrote. */
export function unescapeText(text: string): string {
  return String(JSON.parse(`"${text}"`));
}
