// A page with a cookie jar: it stores the cookies of answers and sends them with requests, as a browser does.

/** A page on a server, and the cookies of its browser. */
export interface Browser {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The cookies by name, for a test to read and for a thief to copy. */
  readonly cookies: Map<string, string>;
}

/** @param address - `http://host:port`; treated as a secure context, as browsers treat loopback. */
export function openBrowser(address: string): Browser {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async fetch(path, init = {}) {
      const headers = new Headers(init.headers);
      // The browser sets these two headers; a page cannot.
      headers.set('Sec-Fetch-Site', 'same-origin');
      if (cookies.size > 0)
        headers.set('Cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
      const response = await fetch(address + path, { ...init, headers });
      for (const line of response.headers.getSetCookie()) keep(cookies, line);
      return response;
    },
  };
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ');
  const [name = '', value = ''] = pair.split('=');
  // A browser rejects a cookie without the attributes that its prefix requires.
  const isHost = ['Path=/', 'Secure'].every((needed) => attributes.includes(needed));
  if (name.startsWith('__Host-') && !isHost) throw new Error(`a browser would reject ${line}`);
  if (attributes.includes('Max-Age=0')) cookies.delete(name);
  else cookies.set(name, value);
}
