// Leaf of every journey: one spelling per value. RFC 7515 §2, RFC 4648 §3.5

/**
 * The bytes of a canonical, unpadded base64url text, or `undefined`.
 *
 * Node's decoder skips what it does not know and forgives spare bits; its encoder has one spelling for every value. So
 * the text is canonical when it is what its own bytes are written as.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length > 0 && bytes.toString('base64url') === text ? bytes : undefined;
}

/** Whether a text is canonical, unpadded base64url of at least one byte. */
export function isBase64url(text: string): boolean {
  return decodeBase64url(text) !== undefined;
}
