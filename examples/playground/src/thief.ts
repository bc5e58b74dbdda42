// The thief of the playground: plain HTTP with a copy of the browser's refresh cookie. It sends `Origin` as a browser does.

import { request as startRequest } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Thief {
  /** Takes a copy of the cookie that the browser has now. */
  copy(cookie: string): void;
  refresh(): Promise<void>;
  call(): Promise<void>;
}

/** @param port - of the listener that belongs to the thief. */
export function createThief(port: number): Thief {
  let cookie: string | undefined;
  let accessToken: string | undefined;

  async function send(method: string, path: string, headers: Readonly<Record<string, string>>) {
    const host = `localhost:${port}`;
    const outgoing = startRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      // Not kept open: the server of the thief can then close at once.
      agent: false,
      headers: { Host: host, Origin: `http://${host}`, ...headers },
    });
    const answer = await new Promise<{ headers: NodeJS.Dict<string | string[]>; body: string }>(
      (resolve, reject) => {
        outgoing.once('error', reject);
        outgoing.once('response', (response) => {
          text(response).then((body) => resolve({ headers: response.headers, body }), reject);
        });
        outgoing.end();
      },
    );
    return answer;
  }

  return {
    copy(value) {
      cookie = value;
      accessToken = undefined;
    },
    async refresh() {
      const { headers, body } = await send('POST', '/auth/refresh', {
        Cookie: `__Host-refresh_token=${cookie ?? ''}`,
      });
      const next = /=([^;]+)/.exec(String(headers['set-cookie'] ?? ''))?.[1];
      cookie = next ?? cookie;
      accessToken = (JSON.parse(body) as { access_token?: string }).access_token ?? accessToken;
    },
    async call() {
      await send('GET', '/me', { Authorization: `Bearer ${accessToken ?? 'none'}` });
    },
  };
}
