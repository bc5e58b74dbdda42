// Headers that a request may have only once. Of several lines Node keeps the first, and a proxy may have checked the last.
// RFC 9110 §5.3

import type { IncomingMessage } from 'node:http';

import { InvalidRequestError } from '../errors/errors.js';

/**
 * The media type of a body in lower case, without parameters; `undefined` when the request names none.
 *
 * @throws {@link InvalidRequestError} (400) several `Content-Type` lines.
 */
export function mediaTypeOf(request: IncomingMessage): string | undefined {
  requireOneLine(request, 'content-type');
  return request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
}

/**
 * Requires that a header comes at most once.
 *
 * @param name - in lower case.
 * @throws {@link InvalidRequestError} (400) it comes more than once.
 */
export function requireOneLine(
  { rawHeaders = [] }: { readonly rawHeaders?: readonly string[] },
  name: string,
): void {
  const lines = rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === name);
  if (lines.length > 1) throw new InvalidRequestError();
}
