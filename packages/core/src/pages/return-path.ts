// The path that a person returns to after a sign-in. It comes from the browser, so anyone can have written it.

import { isObject } from '../lib/options.js';
import type { PageExchange } from './page-exchange.js';

/** Name of the form field and of the query parameter. */
export const returnParameter = 'return';

const maxLength = 2_000;

/**
 * The path in the field `return` of the parsed form, else in the query; `'/'` for a text that could leave this origin, and
 * where there is none or several.
 */
export function readReturnPath({ url, body }: Pick<PageExchange, 'url' | 'body'>): string {
  const inForm =
    isObject(body) && Object.hasOwn(body, returnParameter) ? body[returnParameter] : undefined;
  const asked = inForm === undefined ? readQuery(url) : inForm;
  return typeof asked === 'string' && isReturnPath(asked) ? asked : '/';
}

/**
 * Whether a text is a path of this origin, for `Location` as it came. It must not be parsed and printed again: `/.//evil.example`
 * is harmless, and becomes `//evil.example`, another host.
 */
export function isReturnPath(text: string): boolean {
  if (text.length > maxLength) return false;
  // One slash, then neither a slash nor a backslash, which browsers read as one. Printable ASCII: browsers remove tabs and line breaks.
  if (!/^\/(?![/\\])[\x21-\x5B\x5D-\x7E]*$/.test(text)) return false;
  return URL.canParse(text, anyOrigin) && new URL(text, anyOrigin).origin === anyOrigin;
}

const anyOrigin = 'https://own.invalid';

function readQuery(url: string): string | undefined {
  const start = url.indexOf('?');
  if (start < 0) return undefined;
  const [first, ...others] = new URLSearchParams(url.slice(start)).getAll(returnParameter);
  return others.length === 0 ? first : undefined;
}
