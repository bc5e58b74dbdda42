// The error of a failed fetch, for the log.

/** Throws an Error that names the URL without its query, which may hold a secret. */
export function failFetch(url: URL, what: string): never {
  throw new Error(`${url.origin}${url.pathname} ${what}`);
}
