// As much of a browser as cookies need: it keeps what it is told to keep, and sends it with what its page asks for.

/** A page on a server, and the cookies of its browser. Nothing in the page can read them. */
export interface Browser {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** What the jar holds, for a test to look at and for a thief to copy. */
  readonly cookies: Map<string, string>;
}

/** @param address - `http://host:port`; taken for a secure context, as browsers take loopback. */
export function openBrowser(address: string): Browser {
  const cookies = new Map<string, string>();
  return {
    cookies,
    async fetch(path, init = {}) {
      const headers = new Headers(init.headers);
      // A page cannot set these two itself.
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
  // A browser drops a cookie that its prefix forbids.
  const isHost = ['Path=/', 'Secure'].every((needed) => attributes.includes(needed));
  if (name.startsWith('__Host-') && !isHost) throw new Error(`no browser keeps ${line}`);
  if (attributes.includes('Max-Age=0')) cookies.delete(name);
  else cookies.set(name, value);
}
