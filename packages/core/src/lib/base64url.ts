// Canonical base64url: every value has exactly one text. RFC 7515 §2, RFC 4648 §3.5

/**
 * The bytes of a canonical, unpadded base64url text; `undefined` for any other text.
 *
 * Node's decoder skips unknown characters and ignores spare bits, its encoder does not. So a text is canonical when encoding
 * its bytes gives the same text.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length > 0 && bytes.toString('base64url') === text ? bytes : undefined;
}

/** Whether a text is canonical, unpadded base64url of at least one byte. */
export function isBase64url(text: string): boolean {
  return decodeBase64url(text) !== undefined;
}
