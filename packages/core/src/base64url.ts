// Leaf of every journey: one spelling per value. RFC 7515 §2, RFC 4648 §3.5

// Node's decoder skips what it does not know, so the alphabet is checked before anything is decoded. The last
// character of a short group has bits that carry nothing: only the spelling in which they are zero counts.
const canonical =
  /^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$/;

/** Whether a text is canonical, unpadded base64url of at least one byte. */
export function isBase64url(text: string): boolean {
  return text !== '' && canonical.test(text);
}
