// Removes what may be a credential from the text of an error, before it is printed.

/**
 * The text on one line, without tokens, long random strings, credentials and queries of URLs, and mail addresses.
 *
 * A short secret in a sentence cannot be recognised. So this is for messages of errors, never for values.
 */
export function withoutSecrets(text: string): string {
  return (
    text
      // A control character could forge a line of a log.
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .replace(/\b(bearer|basic|dpop) +[^\s"',;]+/gi, '$1 …')
      // A password with `/` or `@` in it is no URL, but an error may quote it all the same. After a port comes a path.
      .replace(/([a-z][a-z\d+.-]*:\/\/)(?:[^\s/@]*@|[^\s/@:]*:(?!\d+\/)[^\s@]*@)+/gi, '$1…@')
      .replace(
        /((?:password|passwd|pwd|secret|api[_-]?key)["'\\]*\s?[=:]\s?["'\\]*)[^\s"'\\,;&)]+/gi,
        '$1…',
      )
      .replace(/\?[^\s"'<>)]+/g, '?…')
      .replace(/[^\s"'<>(:/]+@[^\s"'<>)]+\.[^\s"'<>)]+/g, '…')
      // Base64 of either alphabet, hexadecimal, UUIDs, and the segments of a JWT.
      .replace(/[\w+/=~%-]{20,}/g, (run) => (isMixed(run) ? '…' : run))
      .replace(/[\w+~-]{16,}={0,2}/g, (run) => (/\d/.test(run) || run.length >= 48 ? '…' : run))
  );
}

// A path of lower-case words is none, nor is a name like `RedisSessionStoreUnavailableError`, which has few capitals.
function isMixed(run: string): boolean {
  const count = (pattern: RegExp) => run.match(pattern)?.length ?? 0;
  const capitals = count(/[A-Z]/g);
  const smalls = count(/[a-z]/g);
  if (capitals === 0 || smalls === 0) return false;
  if (/\d/.test(run) && (capitals > 1 || /[+=]/.test(run))) return true;
  // Random letters without a digit: as many capitals as others, in no order.
  return 4 * Math.min(capitals, smalls) >= capitals + smalls && count(/[a-z][A-Z]/g) >= 4;
}
